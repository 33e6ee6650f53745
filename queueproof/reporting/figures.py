"""The figures of a load profile as lines: what a person wants to know first.

A profile is an open object (see the schema); what is not there is not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from queueproof.json_numbers import is_number

_PERCENTILES = ("p50", "p90", "p99", "p100")


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
        told = "  ".join(f"{name} {percentiles[name]:>8.1f}" for name in _PERCENTILES)
        yield f"{operation:<18}{told} ms"


_GRIDS = {
    "gates": "Gates",
    "latency_ms": "Latency (ms)",
    "throughput": "Throughput",
    "steps": "Steps of the climb",
    "growth": "Growth of what the target held, from the second fifth of the run to the last",
    "peaks": "Peaks",
    "generator": "The load generator",
}
#: Told in sentences or beside other figures.
_TOLD = ("history_check", "errors", "samples", "reasons", "title", "verifies", "rate_per_s")
_UNITS = (("_per_s", " per second"), ("_ms", " (ms)"), ("_mb", " (MB)"), ("_s", " (s)"))
_HEADS = {"gate": "figure", "figure": "measured", "early": "second fifth", "late": "last fifth"}
_MANY = 100_000


@dataclass(frozen=True)
class Grid:
    """A table: a title, column heads, rows of cells, and which columns hold numbers."""

    title: str
    head: list[str]
    rows: list[list[str]]
    numeric: list[bool]


def accounting_of(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """What became of the jobs and requests of a profile, in sentences with a label each.

    No figure of speed is worth anything where a job was lost: this comes first.
    """
    check = entry.get("history_check")
    if not isinstance(check, dict):
        return []
    return [
        ("Jobs", _jobs_in_words(entry, check)),
        *(("Deviation", _deviation(each)) for each in check.get("examples") or ()),
        ("Requests", _requests_in_words(entry.get("errors") or {})),
        *(("Verdict", str(reason)) for reason in entry.get("reasons") or ()),
        ("Arrivals", f"{entry['rate_per_s']:g} jobs per second" if entry.get("rate_per_s") else ""),
        ("Verifies", str(entry.get("verifies") or "")),
    ]


def grids_of(entry: dict[str, Any]) -> list[Grid]:
    """A profile's figures as tables, the gates first; none of a scenario."""
    if not isinstance(entry.get("history_check"), dict):
        return []
    shaped = {**entry, "latency_ms": _with_samples(entry), "growth": _growth(entry)}
    found = ((title, shaped.get(key)) for key, title in _GRIDS.items())
    return [_grid(title, value) for title, value in found if value]


def beside_grids(entry: dict[str, Any]) -> dict[str, Any]:
    """What of a profile neither a table nor a sentence tells."""
    shown = (*_GRIDS, *_TOLD) if isinstance(entry.get("history_check"), dict) else ()
    return {key: value for key, value in entry.items() if key not in shown}


def named(name: str) -> str:
    """A figure's name as people read it: `first_event.p99_ms` is `first event p99 (ms)`."""
    for suffix, unit in _UNITS:
        if name.endswith(suffix):
            name = name.removesuffix(suffix) + unit
            break
    return _HEADS.get(name, name.replace("_", " ").replace(".p", " p"))


def _jobs_in_words(entry: dict[str, Any], check: dict[str, Any]) -> str:
    through, wrong = entry.get("throughput") or {}, check.get("deviations", 0)
    told = f"{through.get('jobs_offered', 0)} offered, {through.get('jobs_ended', 0)} ended"
    followed = f"{check.get('jobs', 0)} were followed to their ends"
    if wrong:
        verb = "deviates" if wrong == 1 else "deviate"
        return f"{told}; of {check.get('jobs', 0)} that were accepted, {wrong} {verb}"
    return f"{told}; {followed}: none was lost, doubled, out of order or left without an end"


def _deviation(each: Any) -> str:
    if not isinstance(each, dict):
        return str(each)
    return (
        f"{each.get('what')} at {each.get('at_s')} s: {each.get('words')} (job {each.get('job')})"
    )


def _requests_in_words(errors: dict[str, Any]) -> str:
    told = f"{errors.get('failed', 0)} of {errors.get('of', 0)} failed"
    reasons = (
        f"{each.get('operation')} {each.get('count')} times: {each.get('words')}"
        for each in errors.get("reasons") or ()
    )
    return "; ".join([told, *reasons])


def _with_samples(entry: dict[str, Any]) -> dict[str, Any]:
    """Each operation's percentiles behind the number of its samples."""
    samples = entry.get("samples") or {}
    return {
        name: ({"samples": samples[name]} if name in samples else {}) | values
        for name, values in (entry.get("latency_ms") or {}).items()
        if isinstance(values, dict)
    }


def _growth(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a measure without a limit nobody can say that it held."""
    return [
        {
            "measure": named(str(each.get("measure"))),
            "early": each.get("early"),
            "late": each.get("late"),
            "allowed": "no limit" if each.get("bound") is None else each["bound"],
            "held": "" if each.get("bound") is None else each.get("held"),
        }
        for each in entry.get("growth") or ()
    ]


def _grid(title: str, value: Any) -> Grid:
    """Rows of a list of objects, of an object of objects, or of a plain object."""
    if isinstance(value, list):
        rows = value
    elif any(isinstance(each, dict) for each in value.values()):
        rows = [
            {"": named(name)} | (each if isinstance(each, dict) else {"value": each})
            for name, each in value.items()
        ]
    else:
        rows = [{"": named(name), "value": each} for name, each in value.items()]
    head = list(dict.fromkeys(name for row in rows for name in row))
    return Grid(
        title,
        [named(name) for name in head],
        [[_cell(row.get(name)) for name in head] for row in rows],
        [all(_is_number_or_gap(row.get(name)) for row in rows) for name in head],
    )


def _is_number_or_gap(value: Any) -> bool:
    return value is None or is_number(value)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= _MANY else f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else named(str(value))
