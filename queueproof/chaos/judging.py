"""From a scenario's history to verdicts: a requirement, a phase, a verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from queueproof.chaos.scenario import Scenario
from queueproof.checkers.answers import check_answered, check_cancelled
from queueproof.checkers.computed_results import check_results
from queueproof.checkers.failing_jobs import check_failing
from queueproof.checkers.findings import VERDICTS, Finding, Status, only
from queueproof.checkers.history_parser import read_story
from queueproof.checkers.job_outcomes import (
    check_ended,
    check_refused,
    check_runs,
    check_spared,
    check_stillness,
)
from queueproof.checkers.outage_history import PHASES, OutageHistory
from queueproof.checkers.queue_outages import (
    check_delays,
    check_ends_stay,
    check_healthy_once,
    check_ids,
    check_not_begun_again,
    check_others_once,
    check_outlived,
    check_stop,
    check_struck,
    check_workers,
)
from queueproof.checkers.readings import check_readings
from queueproof.checkers.reopened_streams import check_streams
from queueproof.checkers.service import (
    check_counters,
    check_dispatcher,
    check_health,
    check_service,
)
from queueproof.checkers.slots_and_order import check_priorities, check_slots
from queueproof.checkers.steady_states import check_steady_states
from queueproof.checkers.terminal_events import check_terminal_events
from queueproof.config.model import DEFAULT_CONTRACT, TargetConfig
from queueproof.history import Operation
from queueproof.requirements import load_registry
from queueproof.running.declared import why_not_by_description
from queueproof.verdicts import Verdict, worst

_RUNS_ONCE, _STEADY = "RESI-002", "RESI-012"
INVARIANTS: Mapping[str, Callable[[OutageHistory], list[Finding]]] = {
    "RESI-001": check_ended,
    "RESI-002": check_runs,
    "RESI-003": check_readings,
    "RESI-004": check_terminal_events,
    "RESI-005": check_answered,
    "RESI-006": check_spared,
    "RESI-007": check_service,
    "RESI-008": check_stillness,
    "RESI-009": check_dispatcher,
    "RESI-010": check_health,
    "RESI-011": check_counters,
    "RESI-012": check_steady_states,
    "LIFE-008": check_refused,
    "CANC-017": check_cancelled,
    "OUTG-001": check_struck,
    "OUTG-002": check_not_begun_again,
    "OUTG-003": check_workers,
    "OUTG-004": check_outlived,
    "OUTG-005": check_others_once,
    "OUTG-006": check_ids,
    "OUTG-007": check_ends_stay,
    "OUTG-008": check_stop,
    "OUTG-009": check_delays,
    "OUTG-010": check_health,
    "OUTG-011": check_results,
    "OUTG-012": check_failing,
    "OUTG-013": check_slots,
    "OUTG-014": check_streams,
    "OUTG-015": check_priorities,
    "PROM-014": check_healthy_once,
}


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One requirement in one scenario: the findings by phase, phases without evidence left out.

    `reason` says why it was not judged, where the target's own description decides that.
    """

    requirement: str
    findings: Mapping[str, tuple[Finding, ...]]
    reason: str = ""

    @property
    def by_phase(self) -> dict[str, Verdict]:
        """The verdict of each phase; not assessed where nothing was seen."""
        return {
            phase: worst(VERDICTS[finding.status] for finding in self.findings.get(phase, ()))
            for phase in PHASES
        }

    @property
    def verdict(self) -> Verdict:
        """The worst of the phases."""
        return worst(self.by_phase.values())

    @property
    def broken(self) -> list[Finding]:
        """What is wrong, the first first."""
        every = [finding for phase in PHASES for finding in self.findings.get(phase, ())]
        return sorted(only(every, Status.BROKEN), key=lambda finding: finding.at_s)

    @property
    def doubtful(self) -> list[Finding]:
        """What could not be settled."""
        every = [finding for phase in PHASES for finding in self.findings.get(phase, ())]
        return list(only(every, Status.DOUBTFUL))


def invariants_of(contract: str) -> tuple[str, ...]:
    """The requirements of a contract that an outage is judged by."""
    known = {row.id for row in load_registry(contract)}
    return tuple(requirement for requirement in INVARIANTS if requirement in known)


def unasked_of(target: TargetConfig, scenario: Scenario | None = None) -> dict[str, str]:
    """What the target's own description leaves out, and why; in a scenario also what that one
    wants and the target does not have.
    """
    rows = load_registry(target.contract)
    reasons = {row.id: why_not_by_description(row, target) for row in rows}
    if scenario is not None and scenario.steady_state and not target.prometheus:
        reasons[_STEADY] = "needs the target's Prometheus ([target] prometheus)"
    return {name: reason for name, reason in reasons.items() if reason}


def judge(
    operations: Sequence[Operation],
    contract: str = DEFAULT_CONTRACT,
    *,
    at_least_once: bool = False,
    unasked: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Judgement, ...]:
    """Every invariant of the contract over one scenario's operations.

    Where the target promises to run a job `at_least_once`, that it runs once is not assessed, nor
    is what is `unasked`, for the reasons given.
    """
    outage = read_story(operations)
    unpromised = {*unasked, *({_RUNS_ONCE} if at_least_once else ())}
    return tuple(
        Judgement(
            requirement=requirement,
            findings={}
            if requirement in unpromised
            else _phased(outage, INVARIANTS[requirement](outage)),
            reason=unasked.get(requirement, ""),
        )
        for requirement in invariants_of(contract)
    )


def _phased(outage: OutageHistory, findings: Sequence[Finding]) -> dict[str, tuple[Finding, ...]]:
    phased: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        phased[outage.phase_of(finding.at_s)].append(finding)
    return {phase: tuple(found) for phase, found in phased.items()}
