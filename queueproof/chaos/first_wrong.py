"""What an outage broke first: when in the outage, and the operation that showed it.

A finding has an instant and, where it is of one job, the job. The operation that showed it is the
one of that job which told something at that instant; without a job, the one that began, ended or
heard something exactly then. Where none did, none is marked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from queueproof.chaos.judging import Judgement
from queueproof.checkers.findings import Finding
from queueproof.checkers.outage_history import AFTER, BEFORE, DURING, OutageHistory
from queueproof.history import Operation
from queueproof.running.trace import trace_lines
from queueproof.stack.log_lines import LogFollower

_NOTES = ("phase", "fault", "service")
#: What is no operation of a client: notes, and what the witness heard.
_NOT_ASKED = (*_NOTES, "scenario", "work")


def shown_by(outage: OutageHistory, finding: Finding) -> Operation | None:
    """The operation that showed a finding; None where that cannot be told."""
    asked = [each for each in outage.operations if each.kind not in _NOT_ASKED]
    own = [each for each in asked if _is_of(each, finding)]
    exact = [each for each in own or asked if finding.at_s in _instants(each)]
    return exact[-1] if exact else None


def when_in(outage: OutageHistory, at_s: float) -> str:
    """An instant in words: how long after what the outage did last."""
    phase = outage.phase_of(at_s)
    if outage.undisturbed:
        begun_s = min((job.submit.invoked_s for job in outage.jobs), default=0.0)
        return f"{at_s - begun_s:.1f} s after the first job was submitted"
    if phase == BEFORE:
        return "before the outage"
    if phase == DURING:
        return f"{at_s - outage.applied_s:.1f} s after the fault began"
    if phase == AFTER:
        return f"{at_s - outage.whole_s:.1f} s after service was whole again"
    return f"{at_s - outage.healed_s:.1f} s after the fault was removed"


def broken_in(
    outage: OutageHistory, failing: Iterable[Judgement], log: LogFollower | None = None
) -> list[dict[str, Any]]:
    """What each failing requirement got wrong first, in the order in which that was seen.

    With what the target's programs printed near it, where `log` has it.
    """
    told = [_told(outage, judgement, log) for judgement in failing if judgement.broken]
    return sorted(told, key=lambda each: float(each["at_s"]))


def trace_of(outage: OutageHistory, finding: Finding) -> tuple[str, ...]:
    """The finding's own operations, the phases and the fault, in their order, the wrong marked."""
    wrong = shown_by(outage, finding)
    wanted = [each for each in outage.operations if each.kind in _NOTES or _is_of(each, finding)]
    if wrong is not None and wrong not in wanted:
        wanted = sorted([*wanted, wrong], key=lambda each: each.invoked_s)
    return trace_lines(wanted, is_wrong=lambda each: each is wrong)


def _told(outage: OutageHistory, judgement: Judgement, log: LogFollower | None) -> dict[str, Any]:
    first, count = judgement.broken[0], len(judgement.broken)
    wrong = shown_by(outage, first)
    entry: dict[str, Any] = {
        "requirement": judgement.requirement,
        "phase": outage.phase_of(first.at_s),
        "at_s": round(first.at_s, 3),
        "when": when_in(outage, first.at_s),
        "expected": first.expected,
        "actual": first.actual,
        "findings": count,
    }
    if first.job:
        entry["job"] = first.job
    if wrong is not None:
        entry |= {"operation": wrong.number, "kind": wrong.kind}
    if log is not None and (lines := log.near(first.at_s)):
        entry["log"] = list(lines)
    return entry


def _is_of(operation: Operation, finding: Finding) -> bool:
    if finding.job:
        return operation.job == finding.job
    return finding.errand is not None and operation.facts.get("errand") == finding.errand


def _instants(operation: Operation) -> tuple[float | None, ...]:
    heard = (event.at_s for event in operation.events)
    return (operation.invoked_s, operation.ended_s, *heard)
