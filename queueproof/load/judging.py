"""What a load run is worth: the gates, the jobs' history, and whether the generator kept up.

Lost, duplicated, reordered or never-ended jobs fail the run whatever its latencies. Figures are
worthless where the generator itself fell behind: gates are then inconclusive, held or not, while
what was seen wrong with jobs and answers stays wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from queueproof.checkers.jobs import LoadFinding
from queueproof.load import tally
from queueproof.load.climbing import FOUND, Capacity
from queueproof.load.gates import Gate
from queueproof.load.profile import Profile
from queueproof.load.records import Records
from queueproof.load.resources import Growth
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
class Evidence:
    """Everything that a profile is judged by.

    `jobs` is how many were accepted, `findings` what deviates among them, `capacity` what a climb
    found, `growth` what grew in the target meanwhile, `unjudged` the bounds on growth for which
    there is no figure, each with the reason.
    """

    records: Records
    jobs: int
    findings: tuple[LoadFinding, ...] = ()
    capacity: Capacity | None = None
    growth: tuple[Growth, ...] = ()
    unjudged: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A profile's verdict and what it follows from; `reasons` are its doubts and failures."""

    verdict: Verdict
    gates: tuple[GateResult, ...] = ()
    lag_ms: float = 0.0
    reasons: tuple[str, ...] = ()


def judge(profile: Profile, seen: Evidence) -> Judgement:
    """The verdict on what was measured."""
    lag_ms = _lag_ms(seen) or 0.0
    behind = _behind(profile, seen)
    gates = tuple(_gate(gate, seen, behind=bool(behind)) for gate in profile.gates)
    doubts = [
        (Verdict.INCONCLUSIVE, behind),
        (Verdict.INCONCLUSIVE, _early_end(seen)),
        *((Verdict.INCONCLUSIVE, words) for words in seen.unjudged),
        (Verdict.ERROR, seen.records.trouble and f"the generator failed: {seen.records.trouble}"),
    ]
    reasons = [*_reasons(gates, seen), *(words for _, words in doubts if words)]
    return Judgement(
        verdict=worst(
            [
                *(gate.verdict for gate in gates),
                _of_jobs(seen),
                Verdict.PASSED if all(one.held for one in seen.growth) else Verdict.FAILED,
                *(verdict for verdict, words in doubts if words),
            ]
        ),
        gates=gates,
        lag_ms=lag_ms,
        reasons=tuple(reasons),
    )


def figure_of(gate: Gate, seen: Evidence) -> float | None:
    """The measured figure that a gate bounds; None where nothing of the kind was measured."""
    records = seen.records
    if gate.percentile is not None:
        return _percentile_ms(seen, gate.operation, gate.percentile)
    if gate.measure == "capacity":
        return seen.capacity.jobs_per_s if seen.capacity else None
    requests, offered = records.requests, records.counts["offered"]
    if gate.measure == "errors":
        return round(records.counts["failed"] / requests, 5) if requests else None
    if gate.measure == "served":
        return round(records.counts["ended"] / offered, 5) if offered else None
    return round(records.counts["ended"] / records.lasted_s, 3) if records.lasted_s else None


def _behind(profile: Profile, seen: Evidence) -> str:
    """How the generator was the bottleneck, if it was; not known is no better than that it was.

    A climb drives the machine to its limit, and a generator beside the target falls behind there
    too; what counts is whether the generator itself had used up its processor.
    """
    if seen.capacity is not None:
        if seen.capacity.by_generator:
            return "the generator was at its own limit: the capacity is higher (use --parallel)"
        return ""
    lag_ms = _lag_ms(seen)
    if lag_ms is None:
        return "how late the generator itself was is not known"
    if lag_ms <= profile.lag_ms:
        return ""
    return (
        f"the generator itself fell behind: {lag_ms:.0f} ms at p99, where "
        f"{profile.lag_ms:.0f} ms are allowed"
    )


def _early_end(seen: Evidence) -> str:
    """Why the run ended before its schedule, if nothing in the profile says that it may."""
    stopped = seen.records.stopped
    if seen.capacity is not None and not seen.capacity.bounded and not stopped:
        return "every step was carried: the capacity is higher (use --rate)"
    return f"stopped before its end: {stopped}" if stopped and stopped != FOUND else ""


def _gate(gate: Gate, seen: Evidence, *, behind: bool) -> GateResult:
    figure = figure_of(gate, seen)
    if figure is None:
        return GateResult(gate=gate, figure=None, verdict=Verdict.INCONCLUSIVE)
    verdict = Verdict.PASSED if gate.holds(figure) else Verdict.FAILED
    if behind and gate.measure != "errors":
        verdict = Verdict.INCONCLUSIVE
    return GateResult(gate=gate, figure=figure, verdict=verdict)


def _of_jobs(seen: Evidence) -> Verdict:
    if any(finding.broken for finding in seen.findings):
        return Verdict.FAILED
    return Verdict.INCONCLUSIVE if seen.findings or not seen.jobs else Verdict.PASSED


def _reasons(gates: Sequence[GateResult], seen: Evidence) -> Iterator[str]:
    for result in gates:
        if result.figure is None:
            yield f"{result.gate.name} was not measured"
        elif result.verdict is Verdict.FAILED:
            side = "at least" if result.gate.at_least else "at most"
            yield f"{result.gate.name} is {result.figure:g}, {side} {result.gate.limit:g} wanted"
    if not seen.jobs:
        yield "no job was accepted"
    for deviation, number in Counter(finding.deviation for finding in seen.findings).items():
        first = next(finding for finding in seen.findings if finding.deviation is deviation)
        yield f"{deviation.value}: {number} times, first in job {first.job}: {first.words}"
    for one in seen.growth:
        if not one.held:
            yield (
                f"{one.measure} grew from {one.early:g} to {one.late:g}, "
                f"{one.bound:g} more are allowed"
            )


def _lag_ms(seen: Evidence) -> float | None:
    """How late the generator was, at p99; None where that was not measured."""
    return _percentile_ms(seen, "lag", _LAG_PERCENTILE)


def _percentile_ms(seen: Evidence, operation: str, percentile: float) -> float | None:
    """Of latencies that there are; a histogram without any has no percentile of 0 ms."""
    if not seen.records.count(operation):
        return None
    return tally.percentile_ms(seen.records.latencies[operation], percentile)
