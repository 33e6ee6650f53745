"""What a load run is worth: the gates, the jobs' history, and whether the generator kept up.

Lost, duplicated, reordered or never-ended jobs fail the run whatever its latencies. Figures are
worthless where the generator itself fell behind: gates are then inconclusive, held or not, while
what was seen wrong with jobs and answers stays wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from queueproof.checkers.jobs import Finding, check_jobs
from queueproof.load import tally
from queueproof.load.gates import Gate
from queueproof.load.profile import Profile
from queueproof.load.records import Records
from queueproof.verdicts import Verdict, worst

_LAG_PERCENTILE = 99.0


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """One gate and the figure it was held against; None where nothing was measured."""

    gate: Gate
    figure: float | None
    verdict: Verdict

    def as_entry(self) -> dict[str, Any]:
        """The gate in a report."""
        return {
            "gate": self.gate.name,
            "limit": self.gate.limit,
            "figure": self.figure,
            "verdict": self.verdict.value,
        }


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A profile's verdict and what it follows from; `reasons` are its doubts and failures."""

    verdict: Verdict
    gates: tuple[GateResult, ...] = ()
    jobs: int = 0
    findings: tuple[Finding, ...] = ()
    lag_ms: float = 0.0
    reasons: tuple[str, ...] = field(default=())


def judge(profile: Profile, records: Records) -> Judgement:
    """The verdict on what was measured."""
    lag_ms = _lag_ms(records)
    behind = lag_ms > profile.lag_ms
    gates = tuple(_gate(gate, records, behind=behind) for gate in profile.gates)
    jobs, findings = check_jobs(records.rows)
    verdicts = [gate.verdict for gate in gates] + [_of_jobs(jobs, findings)]
    reasons = list(_reasons(gates, findings))
    if behind:
        verdicts.append(Verdict.INCONCLUSIVE)
        reasons.append(
            f"the generator itself fell behind: {lag_ms:.0f} ms at p99, where "
            f"{profile.lag_ms:.0f} ms are allowed"
        )
    if records.stopped:
        verdicts.append(Verdict.INCONCLUSIVE)
        reasons.append(f"stopped before its end: {records.stopped}")
    if records.trouble:
        verdicts.append(Verdict.ERROR)
        reasons.append(f"the generator failed: {records.trouble}")
    return Judgement(
        verdict=worst(verdicts),
        gates=gates,
        jobs=jobs,
        findings=tuple(findings),
        lag_ms=lag_ms,
        reasons=tuple(reasons),
    )


def figure_of(gate: Gate, records: Records) -> float | None:
    """The measured figure that a gate bounds; None where nothing of the kind was measured."""
    if gate.percentile is not None:
        latencies = records.latencies.get(gate.operation)
        return tally.percentile_ms(latencies, gate.percentile) if latencies is not None else None
    requests, offered = records.requests, records.counts["offered"]
    if gate.measure == "errors":
        return round(records.counts["failed"] / requests, 5) if requests else None
    if gate.measure == "served":
        return round(records.counts["ended"] / offered, 5) if offered else None
    lasted_s = max((one["lasted_s"] for one in records.processes), default=0.0)
    return round(records.counts["ended"] / lasted_s, 3) if lasted_s else None


def _gate(gate: Gate, records: Records, *, behind: bool) -> GateResult:
    figure = figure_of(gate, records)
    if figure is None:
        return GateResult(gate=gate, figure=None, verdict=Verdict.INCONCLUSIVE)
    verdict = Verdict.PASSED if gate.holds(figure) else Verdict.FAILED
    if behind and gate.measure != "errors":
        verdict = Verdict.INCONCLUSIVE
    return GateResult(gate=gate, figure=figure, verdict=verdict)


def _of_jobs(jobs: int, findings: Sequence[Finding]) -> Verdict:
    if any(finding.broken for finding in findings):
        return Verdict.FAILED
    return Verdict.INCONCLUSIVE if findings or not jobs else Verdict.PASSED


def _reasons(gates: Sequence[GateResult], findings: Sequence[Finding]) -> list[str]:
    reasons = []
    for result in gates:
        if result.verdict is Verdict.FAILED:
            side = "at least" if result.gate.at_least else "at most"
            reasons.append(
                f"{result.gate.name} is {result.figure:g}, {side} {result.gate.limit:g} wanted"
            )
        elif result.figure is None:
            reasons.append(f"{result.gate.name} was not measured")
    for deviation, number in Counter(finding.deviation for finding in findings).items():
        first = next(finding for finding in findings if finding.deviation is deviation)
        reasons.append(f"{number} jobs {deviation.value}, the first {first.job}: {first.words}")
    return reasons


def _lag_ms(records: Records) -> float:
    lag = records.latencies.get("lag")
    return tally.percentile_ms(lag, _LAG_PERCENTILE) if lag is not None else 0.0
