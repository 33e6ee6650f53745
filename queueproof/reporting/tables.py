"""Grids of a page: scenarios by phases, and a sweep's heat map.

Scenarios and profiles are open objects (see the schema): a grid is made of what is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from queueproof.reporting import digest, outages
from queueproof.verdicts import Verdict

_SHOWN_APART = frozenset(
    ("id", "verdict", "phases", "cells", "timeline", "resources", "stages", "faults", "title")
)


@dataclass(frozen=True)
class SweepTable:
    """A fault struck at each command of a job's life in turn: a row a fault, a column a command.

    `rows` are the scenarios' IDs with their cells by number; a cell has `command`, `verdict` and
    whatever else was recorded of it.
    """

    columns: list[int]
    rows: list[tuple[str, dict[int, dict[str, Any]]]]


def phase_names(scenarios: tuple[dict[str, Any], ...]) -> list[str]:
    """The columns of scenarios by phases: every phase's name, in the order they were played."""
    names = [str(p.get("name", "")) for s in scenarios for p in dicts_in(s.get("phases"))]
    return list(dict.fromkeys(names))


def phase_of(scenario: dict[str, Any], name: str) -> dict[str, Any] | None:
    """The scenario's phase of that name, with a `verdict` of our own kind or None."""
    for phase in dicts_in(scenario.get("phases")):
        if str(phase.get("name", "")) == name:
            return phase | {"verdict": _verdict(phase.get("verdict"))}
    return None


def sweep_of(scenarios: tuple[dict[str, Any], ...]) -> SweepTable | None:
    """The heat map over those scenarios that carry `cells`; None where none does."""
    rows = [(str(scenario.get("id")), _cells(scenario)) for scenario in scenarios]
    rows = [(name, cells) for name, cells in rows if cells]
    columns = sorted({number for _, cells in rows for number in cells})
    return SweepTable(columns, rows) if rows else None


def facts_of(entry: dict[str, Any]) -> dict[str, Any]:
    """What a scenario or profile says besides what is shown as a grid or a chart."""
    told = outages.TOLD if "phases" in entry else frozenset[str]()
    return {k: value for k, value in entry.items() if k not in _SHOWN_APART | told}


def _cells(scenario: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {
        cell["nth"]: cell | {"verdict": _verdict(cell.get("verdict"))}
        for cell in dicts_in(scenario.get("cells"))
        if isinstance(cell.get("nth"), int)
    }


def _verdict(value: Any) -> Verdict | None:
    return digest.entry_verdict({"verdict": value}) if value is not None else None


def dicts_in(value: Any) -> list[dict[str, Any]]:
    """The tables of a list that a report holds; of anything else, none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
