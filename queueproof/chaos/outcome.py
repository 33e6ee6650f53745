"""What one played scenario came to, and how the report tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from queueproof.chaos import looks
from queueproof.chaos.first_wrong import broken_in, shown_by, trace_of
from queueproof.chaos.judging import Judgement
from queueproof.chaos.plan import Plan
from queueproof.chaos.scenario import Scenario
from queueproof.checkers.findings import Finding
from queueproof.checkers.outage_durations import outage_durations
from queueproof.checkers.outage_history import PHASES, OutageHistory
from queueproof.checkers.outcome_words import outcome_of, promises_asked
from queueproof.checkers.steady_states import told_of_steady_states
from queueproof.config.promises import Promises
from queueproof.reporting.model import CaseResult
from queueproof.reporting.quantities import entry_of as quantity_entry
from queueproof.reporting.quantities import quantities_of
from queueproof.running.strain import Strain
from queueproof.stack.log_lines import LogFollower
from queueproof.verdicts import Verdict, worst

#: How many of the operations that showed what is wrong are marked.
_MARKED = 5


@dataclass(frozen=True, kw_only=True)
class ScenarioResult:
    """One scenario's outcome.

    `name` is what the history and the report call it: its ID, in a replay with a number. `reason`
    says why it was not assessed, inconclusive or in error; `starvation` is what the harness itself
    suffered meanwhile: when that was severe, it accuses nobody. `earlier` is the first look, when
    this is the second at something that was seen wrong then; `afterwards` says why a second look
    at this one came to nothing; `log` is what the programs printed that we started.
    """

    name: str
    scenario: Scenario
    plan: Plan | None = None
    judgements: tuple[Judgement, ...] = ()
    outage: OutageHistory | None = None
    fault: str = ""
    confirmation: tuple[str, ...] = ()
    doubt: str = ""
    reason: str = ""
    failure: Verdict | None = None
    starvation: Strain = field(default_factory=Strain)
    duration_s: float = 0.0
    reproduce: str = ""
    notes: tuple[str, ...] = field(default=())
    earlier: ScenarioResult | None = None
    afterwards: str = ""
    log: LogFollower | None = None

    @property
    def starved(self) -> bool:
        """Whether something is wrong that the harness was too starved to accuse anybody of."""
        return looks.starved(self.judgements, self.starvation)

    def seen_earlier(self, requirement: str) -> Judgement | None:
        """What the first look saw wrong with a requirement, when this is the second."""
        return looks.seen_in(self.earlier.judgements, requirement) if self.earlier else None

    def verdict_of(self, judgement: Judgement) -> Verdict:
        """A requirement's verdict, the harness's own doubts included."""
        earlier = self.seen_earlier(judgement.requirement)
        verdict = looks.verdict_of(judgement, self.starvation, earlier=earlier)
        if verdict is Verdict.PASSED and self.doubt:
            return Verdict.INCONCLUSIVE
        return verdict

    @property
    def verdict(self) -> Verdict:
        """The scenario's verdict."""
        if self.failure is not None and not self.judgements:
            return self.failure
        verdicts = [self.verdict_of(judgement) for judgement in self.judgements]
        return worst([*verdicts, *([self.failure] if self.failure else [])])

    @property
    def failing(self) -> list[str]:
        """The requirements that failed."""
        failed = Verdict.FAILED
        return [j.requirement for j in self.judgements if self.verdict_of(j) is failed]


def settled(first: ScenarioResult, second: ScenarioResult) -> ScenarioResult:
    """The outcome of two looks: nothing that the first saw is lost."""
    if second.judgements:
        return replace(second, earlier=first)
    return replace(first, afterwards=second.reason or "it was not played")


def case_of(result: ScenarioResult, judgement: Judgement) -> CaseResult:
    """One requirement's row entry for this scenario."""
    verdict = result.verdict_of(judgement)
    first = next(iter(judgement.broken), None)
    telling = verdict is Verdict.FAILED and first is not None
    return CaseResult(
        id=result.name,
        requirement=judgement.requirement,
        title=f"{result.scenario.title} ({_phases_in_words(judgement)})",
        verdict=verdict,
        duration_s=result.duration_s,
        alone=True,
        reason="" if telling else _reason(result, judgement, verdict),
        expected=first.expected if telling and first else "",
        actual=looks.in_words(judgement.broken) if telling else "",
        trace=trace_of(result.outage, first) if first and result.outage else (),
        history_refs=_references(judgement.broken),
        reproduce=result.reproduce if verdict is not Verdict.PASSED else "",
        wrong_operations=_wrong_operations(result.outage, judgement.broken) if telling else (),
    )


def unplayed_case(result: ScenarioResult, requirement: str) -> CaseResult:
    """The row entry of a scenario that was not judged at all; the scenario itself says why."""
    return CaseResult(
        id=result.name,
        requirement=requirement,
        title=result.scenario.title,
        verdict=Verdict.NOT_ASSESSED,
        duration_s=result.duration_s,
        alone=True,
        reason=result.reason,
    )


def entry_of(result: ScenarioResult) -> dict[str, Any]:
    """The scenario in `report.json`."""
    entry: dict[str, Any] = {
        "id": result.name,
        "verdict": result.verdict.value,
        "title": result.scenario.title,
        "verifies": result.scenario.verifies,
        "fault": result.fault,
        "confirmation": "; ".join(result.confirmation) or result.doubt,
        "reason": result.reason or result.doubt,
        "duration_s": round(result.duration_s, 2),
        "phases": _phases(result),
        "reproduce": result.reproduce,
    }
    if result.plan is not None and result.outage is not None:
        entry["schedule"] = f"schedules/{result.name}.json"
        entry["jobs"] = _tally(result.outage)
        entry |= _in_a_word(result.outage)
        if states := told_of_steady_states(result.outage):
            entry["steady_state"] = states
        failing = [j for j in result.judgements if j.requirement in result.failing]
        if failing:
            entry["broken"] = broken_in(result.outage, failing, result.log)
        measured = quantities_of(outage_durations(result.outage))
        if measured:
            entry["quantities"] = [quantity_entry(each) for each in measured]
    if result.notes:
        entry["notes"] = list(result.notes)
    return entry


def _in_a_word(outage: OutageHistory) -> dict[str, Any]:
    """What the outage came to, and what is promised of such a one, where a queue says promises."""
    promises = outage.traits.get("promises")
    if not promises:
        return {}
    promised = Promises(**promises).told(promises_asked(outage))
    return {"outcome": asdict(outcome_of(outage)), "promised": promised}


def _phases(result: ScenarioResult) -> list[dict[str, Any]]:
    outage = result.outage
    if outage is None:
        return []
    begins = [0.0, outage.applied_s, outage.healed_s, outage.whole_s, outage.ended_s]
    return [
        {
            "name": phase,
            "lasted_s": round(max(0.0, end - begin), 2) if end != float("inf") else 0.0,
            "verdict": worst(j.by_phase[phase] for j in result.judgements).value,
            "requirements": {j.requirement: j.by_phase[phase].value for j in result.judgements},
            "findings": [
                _in_words(judgement.requirement, finding)
                for judgement in result.judgements
                for finding in judgement.findings.get(phase, ())
                if finding.actual
            ],
        }
        for phase, begin, end in zip(
            PHASES, [_begin(outage), *begins[1:4]], begins[1:], strict=True
        )
    ]


def _begin(outage: OutageHistory) -> float:
    return min((op.invoked_s for op in outage.operations), default=0.0)


def _tally(outage: OutageHistory) -> dict[str, int]:
    statuses = [life.submit.status for life in outage.jobs]
    return {
        "submitted": len(outage.jobs),
        "accepted": len(outage.accepted),
        "refused": sum((status or 0) >= 400 for status in statuses),
        "unanswered": sum(status is None for status in statuses),
        "cancelled": sum(bool(life.cancels) for life in outage.jobs),
    }


def _in_words(requirement: str, finding: Finding) -> str:
    where = f" (job {finding.job})" if finding.job else ""
    expected = f"expected {finding.expected}; " if finding.expected else ""
    return f"{requirement} at {finding.at_s:.1f}s: {expected}{finding.actual}{where}"


def _phases_in_words(judgement: Judgement) -> str:
    told = [
        f"{phase} {verdict.words}"
        for phase, verdict in judgement.by_phase.items()
        if verdict is not Verdict.NOT_ASSESSED
    ]
    return ", ".join(told) or "no evidence"


def _reason(result: ScenarioResult, judgement: Judgement, verdict: Verdict) -> str:
    if verdict is Verdict.PASSED:
        return ""
    if verdict is Verdict.NOT_ASSESSED:
        return judgement.reason or "the scenario held nothing to judge it by"
    earlier = result.seen_earlier(judgement.requirement)
    if result.earlier is not None and earlier is not None:
        return looks.both_told(result.earlier.starvation, earlier, result.starvation, judgement)
    if judgement.broken:
        again = f"; a second look came to nothing: {result.afterwards}" if result.afterwards else ""
        return f"{result.starvation} while it saw: {looks.in_words(judgement.broken)}{again}"
    if result.doubt:
        return result.doubt
    return judgement.doubtful[0].actual if judgement.doubtful else ""


def _wrong_operations(outage: OutageHistory | None, broken: Sequence[Finding]) -> tuple[int, ...]:
    """The operations that showed the first findings."""
    if outage is None:
        return ()
    shown = (shown_by(outage, finding) for finding in broken[:_MARKED])
    return tuple(dict.fromkeys(each.number for each in shown if each is not None))


def _references(broken: Sequence[Finding]) -> tuple[str, ...]:
    jobs = dict.fromkeys(finding.job for finding in broken if finding.job)
    return tuple(f"history.jsonl.gz#job={job}" for job in list(jobs)[:5])
