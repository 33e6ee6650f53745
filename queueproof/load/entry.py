"""A played profile as a report's entry: what was measured, in the shape that the page draws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from queueproof.load import tally
from queueproof.load.judging import Evidence, Judgement
from queueproof.load.profile import Profile
from queueproof.load.records import Records, Window
from queueproof.load.resources import MEASURES, Sample, peaks_of
from queueproof.load.schedule import Stretch

_NOT_DRAWN = ("lag",)
_SHOWN = 20
_TIMELINE_OF = ("overhead", "job")


def entry_of(
    profile: Profile,
    judgement: Judgement,
    seen: Evidence,
    stretches: Sequence[Stretch],
    *,
    window_s: float,
    samples: Iterable[Sample] = (),
) -> dict[str, Any]:
    """The profile's entry in `report.json`; `samples` are of the target's resources."""
    records = seen.records
    resources = resources_of(samples, began_at=records.began_at, lasted_s=records.lasted_s)
    return {
        "id": profile.id,
        "verdict": judgement.verdict.value,
        "title": profile.title,
        "verifies": profile.verifies,
        "reasons": list(judgement.reasons),
        "rate_per_s": profile.rate,
        "spacing": profile.spacing,
        "gates": [gate.as_entry() for gate in judgement.gates],
        "latency_ms": _percentiles(records),
        "samples": {name: records.count(name) for name in sorted(records.latencies)},
        "throughput": _throughput(records),
        "errors": _errors(records),
        "history_check": _history_check(seen),
        "generator": _generator(records, judgement),
        **_climbed(seen),
        "growth": [one.as_entry() for one in seen.growth],
        "peaks": peaks_of(resources) | _tops(records),
        "resources": resources,
        "timeline": timeline(records, window_s=window_s),
        "stages": _stages(stretches, records.lasted_s),
    }


def timeline(records: Records, *, window_s: float) -> list[dict[str, Any]]:
    """One sample a window: offered and served a second, failures, the job's percentiles."""
    last = max(records.windows, default=-1)
    return [
        _sample(index * window_s, records.windows.get(index) or Window(), window_s)
        for index in range(last + 1)
    ]


def resources_of(
    samples: Iterable[Sample], *, began_at: float, lasted_s: float
) -> list[dict[str, float]]:
    """The samples on the run's clock, those before and after it left out."""
    return [
        {"at_s": round(sample["at"] - began_at, 2)}
        | {name: sample[name] for name in MEASURES if name in sample}
        for sample in samples
        if 0.0 <= sample["at"] - began_at <= lasted_s
    ]


def _sample(at_s: float, window: Window, window_s: float) -> dict[str, Any]:
    of = next((name for name in _TIMELINE_OF if name in window.latencies), None)
    latencies = window.latencies.get(of) if of else None
    values = {
        f"p{each:g}_ms": tally.percentile_ms(latencies, each) if latencies is not None else None
        for each in (50.0, 90.0, 99.0)
    }
    return {
        "at_s": round(at_s, 3),
        "offered_per_s": round(window.counts["offered"] / window_s, 2),
        "served_per_s": round(window.counts["ended"] / window_s, 2),
        "failed_per_s": round(window.counts["failed"] / window_s, 2),
        "in_flight": window.tops["in_flight"],
        **values,
    }


def _percentiles(records: Records) -> dict[str, dict[str, float]]:
    return {
        name: tally.percentiles_ms(one)
        for name, one in sorted(records.latencies.items())
        if name not in _NOT_DRAWN
    }


def _throughput(records: Records) -> dict[str, float]:
    lasted_s = records.lasted_s or 1.0
    return {
        "jobs_offered": records.counts["offered"],
        "jobs_ended": records.counts["ended"],
        "jobs_per_s": round(records.counts["ended"] / lasted_s, 2),
        "requests_per_s": round(records.requests / lasted_s, 2),
        "events_per_s": round(records.counts["events"] / lasted_s, 2),
        "lasted_s": round(lasted_s, 2),
    }


def _errors(records: Records) -> dict[str, Any]:
    return {
        "failed": records.counts["failed"],
        "of": records.requests,
        "reasons": [
            {"operation": operation, "words": words, "count": number}
            for (operation, words), number in records.failures.most_common(_SHOWN)
        ],
    }


def _history_check(seen: Evidence) -> dict[str, Any]:
    return {
        "jobs": seen.jobs,
        "deviations": len(seen.findings),
        "examples": [
            {"job": one.job, "what": one.deviation.value, "words": one.words, "at_s": one.at_s}
            for one in seen.findings[:_SHOWN]
        ],
    }


def _generator(records: Records, judgement: Judgement) -> dict[str, Any]:
    lag = records.latencies.get("lag")
    return {
        "processes": len(records.processes),
        "lag_p99_ms": judgement.lag_ms,
        "lag_max_ms": tally.percentile_ms(lag, 100.0) if lag is not None else 0.0,
        "cpu_s": round(sum(one["cpu_s"] for one in records.processes), 2),
    }


def _climbed(seen: Evidence) -> dict[str, Any]:
    if seen.capacity is None:
        return {}
    return {
        "capacity_per_s": seen.capacity.jobs_per_s,
        "steps": [step.as_entry() for step in seen.capacity.steps],
    }


def _tops(records: Records) -> dict[str, float]:
    """The most jobs that were under way at once, as seen once a second."""
    return {
        "jobs_in_flight": max((w.tops["in_flight"] for w in records.windows.values()), default=0)
    }


def _stages(stretches: Sequence[Stretch], lasted_s: float) -> list[dict[str, Any]]:
    """The stages that were reached."""
    began_s, stages = 0.0, []
    for stretch in stretches:
        ended_s = began_s + stretch.lasts_s
        name = f"{stretch.name}: {stretch.rate:g}/s"
        if stretch.to != stretch.rate:
            name += f" to {stretch.to:g}/s"
        if began_s < lasted_s:
            stages.append({"name": name, "from_s": round(began_s, 3), "to_s": round(ended_s, 3)})
        began_s = ended_s
    return stages
