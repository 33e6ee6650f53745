"""Whether requests were answered through an outage, and whether cancels had their effect."""

from __future__ import annotations

from queueproof.checkers.findings import Finding, Status, broken, doubtful, held
from queueproof.checkers.outage_history import (
    DURING,
    RECOVERY,
    JobHistory,
    OutageHistory,
    claims_success,
)
from queueproof.history import Operation

_SLACK_S = 1.0
_REFUSED = 400
_CLIENT = ("submit", "poll", "cancel", "monitor", "stream")


def check_answered(outage: OutageHistory) -> list[Finding]:
    """Every request to a process that can answer is answered in bounded time.

    A connection that is refused or reset is an answer of a kind: nobody waits. Where nothing was
    ever answered but by refusals, though, nobody knows who answered: all of it is doubtful.
    """
    asked = [op for op in outage.of_kind(*_CLIENT) if not _is_excused(outage, op)]
    found = [_answered(outage, operation) for operation in asked]
    every = outage.of_kind(*_CLIENT)
    if any(op.status is not None and op.status < _REFUSED for op in every):
        return found
    return [_in_doubt(finding) for finding in found]


def _in_doubt(finding: Finding) -> Finding:
    if finding.status is not Status.HELD:
        return finding
    return doubtful(finding.at_s, actual="no request was answered but by a refusal")


def check_cancelled(outage: OutageHistory) -> list[Finding]:
    """When a cancel's success was answered, the work stops within the declared bound."""
    return [
        finding
        for life in outage.accepted
        for finding in [_cancelled(outage, life)]
        if finding is not None
    ]


def _is_excused(outage: OutageHistory, operation: Operation) -> bool:
    """Whether the worker asked was frozen or dead while it was asked."""
    return bool(operation.facts.get("ours")) or _met_silence(outage, operation)


def _met_silence(outage: OutageHistory, operation: Operation) -> bool:
    if operation.worker not in outage.silenced:
        return False
    ended_s = operation.ended_s or operation.invoked_s
    return ended_s >= outage.applied_s and operation.invoked_s <= outage.whole_s


def _answered(outage: OutageHistory, operation: Operation) -> Finding:
    bound_s = _bound_s(outage, operation)
    ended_s = operation.ended_s if operation.ended_s is not None else outage.ended_s
    took_s = float(operation.facts.get("answered_s", ended_s - operation.invoked_s))
    if operation.kind == "stream" and operation.status is not None:
        took_s = float(operation.facts.get("answered_s", 0.0))
    silent = operation.status is None and operation.detail.startswith("no answer")
    if not silent and took_s <= bound_s + _SLACK_S:
        return held(operation.invoked_s, job=operation.job or "")
    return broken(
        operation.invoked_s,
        expected=f"a {operation.kind} is answered within {bound_s:.0f} s",
        actual=f"worker {operation.worker or '?'}: "
        + (operation.detail if silent else f"{operation.status} after {took_s:.1f} s"),
        job=operation.job,
        errand=operation.facts.get("errand"),
    )


def _bound_s(outage: OutageHistory, operation: Operation) -> float:
    timings = outage.timings
    ended_s = operation.ended_s or outage.ended_s
    phases = {outage.phase_of(operation.invoked_s), outage.phase_of(ended_s)}
    troubled = phases & {DURING, RECOVERY}
    bound_s = timings["outage_answer_s"] if troubled else timings["answer_s"]
    if operation.kind == "poll":
        bound_s += timings["poll_hold_s"]
    if operation.kind == "stream":
        bound_s += timings["startup_grace_s"]
    return bound_s


def _cancelled(outage: OutageHistory, life: JobHistory) -> Finding | None:
    success = next((cancel for cancel in life.cancels if claims_success(cancel)), None)
    if success is None or success.ended_s is None:
        return None
    if not life.work:
        # Nobody saw it at work: that it stopped is not known either.
        return None
    last_s = life.work[-1].at_s
    by_s = success.ended_s + outage.timings["cancel_effect_s"]
    # A worker that drains is there; what it runs can be reached.
    drains = outage.traits.get("promises", {}).get("stop") == "drain"
    lost = outage.apart if not (drains and outage.traits.get("stops")) else frozenset()
    if life.hosts & lost and success.ended_s < outage.healed_s and by_s > outage.applied_s:
        # The owner is cut off: the job can be ended for everybody else, its work cannot be reached.
        by_s = max(by_s, outage.healed_s + outage.timings["cancel_effect_s"])
    if last_s > by_s:
        return broken(
            last_s,
            expected="the work stops within "
            f"{outage.timings['cancel_effect_s']:.0f} s of a cancel's success",
            actual=f"it went on for {last_s - success.ended_s:.1f} s, "
            f"{len(life.work)} of {life.planned} ticks were done",
            job=life.job,
            errand=life.errand,
        )
    if len(life.work) >= life.planned and last_s > success.invoked_s:
        if _met_silence(outage, success):
            # It waited for a worker that was gone, and the job was over before anybody read it.
            return None
        return doubtful(last_s, actual="the job came to its own end meanwhile", job=life.job)
    return held(success.ended_s, job=life.job or "")
