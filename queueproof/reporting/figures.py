"""The figures of a load profile as lines: what a person wants to know first.

A profile is an open object (see the schema); what is not there is not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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


_GRIDS = {
    "gates": "Gates",
    "latency_ms": "Latency in milliseconds",
    "throughput": "Throughput",
    "steps": "Steps of the climb",
    "growth": "Growth of what the target held, from the second fifth of the run to the last",
    "peaks": "Peaks",
    "generator": "The generator itself",
    "samples": "How often each was measured",
}


@dataclass(frozen=True)
class Grid:
    """A table: a title, column heads, rows of cells."""

    title: str
    head: list[str]
    rows: list[list[Any]]


def grids_of(entry: dict[str, Any]) -> list[Grid]:
    """A profile's figures as tables; none of a scenario."""
    if not isinstance(entry.get("history_check"), dict):
        return []
    found = ((title, entry.get(key)) for key, title in _GRIDS.items())
    return [_grid(title, value) for title, value in found if value]


def beside_grids(entry: dict[str, Any]) -> dict[str, Any]:
    """What of a profile no table shows."""
    shown = _GRIDS if isinstance(entry.get("history_check"), dict) else {}
    return {key: value for key, value in entry.items() if key not in shown}


def _grid(title: str, value: Any) -> Grid:
    """Rows of a list of objects, of an object of objects, or of a plain object."""
    if isinstance(value, list):
        rows = value
    elif any(isinstance(each, dict) for each in value.values()):
        rows = [
            {"": name} | (each if isinstance(each, dict) else {"value": each})
            for name, each in value.items()
        ]
    else:
        rows = [{"": name, "value": each} for name, each in value.items()]
    head = list(dict.fromkeys(name for row in rows for name in row))
    return Grid(title, head, [[_cell(row.get(name)) for name in head] for row in rows])


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else value
