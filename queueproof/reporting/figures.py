"""The figures of a load profile as lines: what a person wants to know first.

A profile is an open object (see the schema); what is not there is not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_TOLD = ("p50", "p90", "p99", "p100")


def figures_of(entry: dict[str, Any]) -> list[str]:
    """Reasons, throughput, latencies, errors and what the history says; none of a scenario."""
    if not isinstance(entry.get("history_check"), dict):
        return []
    return [*map(str, entry.get("reasons", ())), *_throughput(entry), *_latencies(entry)]


def _throughput(entry: dict[str, Any]) -> Iterator[str]:
    through, errors, check = entry["throughput"], entry["errors"], entry["history_check"]
    if "capacity_per_s" in entry:
        yield f"capacity {entry['capacity_per_s']:g} jobs/s"
    yield (
        f"{through['jobs_ended']} of {through['jobs_offered']} jobs in "
        f"{through['lasted_s']:g} s, {through['jobs_per_s']:g} jobs/s; "
        f"{errors['failed']} of {errors['of']} requests failed; "
        f"{check['deviations']} deviations in the history of {check['jobs']} jobs"
    )
    for reason in errors["reasons"][:3]:
        yield f"{reason['operation']} failed {reason['count']} times: {reason['words']}"


def _latencies(entry: dict[str, Any]) -> Iterator[str]:
    for operation, percentiles in entry["latency_ms"].items():
        told = "  ".join(f"{name} {percentiles[name]:>8.1f}" for name in _TOLD)
        yield f"{operation:<18}{told} ms"
