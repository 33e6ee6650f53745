"""Rows and cells of the matrix of outages: what a system came to in each, and its wording."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from queueproof.reporting.matrix import Column
from queueproof.verdicts import Verdict

#: By the first word of an outcome, the promises that announce it, as they are told in a cell.
_ANNOUNCED_BY = {
    "lost": ('delivery = "at-most-once"', 'stop = "drop"'),
    "told": ('delivery = "at-most-once"', 'stop = "drop"'),
    "again": ('delivery = "at-least-once"', 'stop = "requeue"'),
    "twice": ('delivery = "at-least-once"', 'stop = "requeue"'),
}


class CellStanding(StrEnum):
    """How an outcome stands to what is promised, and to what every client of a queue needs."""

    HELD = "held"
    BROKEN = "broken"
    OPEN = "open"
    UNASKED = "unasked"


class StandingLook(NamedTuple):
    """How a standing looks: the class of a cell, and what it means; `verdict` is its badge."""

    look: str
    meaning: str

    @property
    def verdict(self) -> Verdict:
        """The verdict whose colours it has."""
        return Verdict(self.look)


class Measured(NamedTuple):
    """A row of the table of measures."""

    headings: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Outage:
    """One column: an outage as its scenario declares it."""

    id: str
    title: str


@dataclass(frozen=True, kw_only=True)
class OutageCell:
    """One system in one outage.

    `words` are the outcome, such as `again 98 s` and `deaf`, `seen` is all of it in a sentence;
    `broken` are the requirements that failed, with what was seen; `reason` is why there is no
    verdict. `page` leads to the run's report, at this
    outage; `reproduce` is the command that plays it again.
    """

    outage: str
    standing: CellStanding
    words: tuple[str, ...] = ()
    seen: str = ""
    promised: str = ""
    broken: tuple[str, ...] = ()
    reason: str = ""
    page: str = ""
    reproduce: str = ""
    gravity: int = 0

    @property
    def excuse(self) -> str:
        """Why what was seen is no fault: empty where it needs no excuse, or has none.

        By design is what a promise beside it announces, and no more than that.
        """
        costs = [word for word in self.words if word != "kept"]
        if self.standing is not CellStanding.HELD or not costs:
            return ""
        return "by design" if all(map(self._is_announced, costs)) else "nothing promised"

    def _is_announced(self, word: str) -> bool:
        return any(one in self.promised for one in _ANNOUNCED_BY.get(word.split()[0], ()))


@dataclass(frozen=True, kw_only=True)
class SystemRow:
    """One row: a release in one variant.

    `visit` is what `visit.json` says; `gate` is the gate's page, `holds` how many of its
    requirements hold of how many that were judged, `gate_settled` whether none of them is open;
    `measures` are as the lab measured them.
    """

    name: str
    visit: dict[str, Any]
    cells: tuple[OutageCell, ...]
    gate: str = ""
    holds: str = ""
    failing: tuple[str, ...] = ()
    gate_settled: bool = False
    measures: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """System and version."""
        return f"{self.visit.get('system', self.name)} {self.visit.get('version', '')}".strip()

    @property
    def breaks(self) -> bool:
        """Whether it breaks something in an outage or in the gate."""
        return bool(self.failing) or any(c.standing is CellStanding.BROKEN for c in self.cells)

    @property
    def settings(self) -> list[str]:
        """The settings that the variant lays over the recipe's, as `NAME=value`."""
        return [f"{name}={value}" for name, value in self.visit.get("settings", {}).items()]

    @property
    def promises(self) -> list[str]:
        """What is promised, with where."""
        return list(self.visit.get("promises", ()))

    @property
    def machine(self) -> str:
        """What it ran on, and how busy that was besides."""
        runs = self.visit.get("runs", ())
        if not runs:
            return ""
        loads = sorted(float(run.get("load_before", 0.0)) for run in runs)
        return (
            f"{runs[-1].get('processors')} processors; {len(runs)} runs begun at a load of "
            f"{loads[0]:g} to {loads[-1]:g}"
        )

    @property
    def measured(self) -> Measured:
        """The measures as a row of a table."""
        return measured(self.measures)

    @property
    def variant(self) -> str:
        """The settings' name; empty for the recipe's own."""
        return str(self.visit.get("variant") or "")


@dataclass(frozen=True, kw_only=True)
class OutageMatrix:
    """Everything that the page shows."""

    outages: tuple[Outage, ...]
    rows: tuple[SystemRow, ...]
    gates: tuple[Column, ...] = ()

    @property
    def open_cells(self) -> int:
        """How many cells have no verdict yet."""
        return sum(cell.standing is CellStanding.OPEN for row in self.rows for cell in row.cells)

    @property
    def cells(self) -> int:
        """How many there are, but for those that are not to be asked."""
        standings = [cell.standing for row in self.rows for cell in row.cells]
        return sum(standing is not CellStanding.UNASKED for standing in standings)


def measured(measures: dict[str, Any]) -> Measured:
    """The table's row: by jobs in flight the throughput, p50 and p99; memory; commands a job."""
    headings, values = [], []
    for step in measures.get("in_flight", ()):
        number = step["in_flight"]
        headings += [f"jobs/s, {number} in flight", f"p50, {number}", f"p99, {number}"]
        values += [f"{step['per_s']:.0f}", _ms(step["p50_s"]), _ms(step["p99_s"])]
    if "worker_mb" in measures:
        headings.append("memory a worker")
        values.append(f"{measures['worker_mb']:.0f} MB")
    if "commands_a_job" in measures:
        headings.append("Redis commands a job")
        values.append(f"{measures['commands_a_job']:.1f}")
    return Measured(tuple(headings), tuple(values))


def _ms(duration_s: float) -> str:
    return f"{duration_s * 1000:.0f} ms"


JOB_MEANINGS = {
    "kept": "every job that the outage met came to its own end, its work done once",
    "again": "a job whose worker was lost was begun again, so long after the outage began, and "
    "came to its end",
    "told": "a job was told to have failed, so long after the outage began",
    "twice": "work was done a second time though its worker was not lost",
    "untold": "a job's work was done, and its end was told to nobody while we watched",
    "lost": "a job was neither done nor told to have failed while we watched",
}
WORKER_MEANINGS = {
    "mute": "when the outage was over, jobs were done again, and their ends were told to nobody",
    "refuses": "when the outage was over, submits were still refused",
    "deaf": "a worker program lives and takes no jobs, or jobs are not done",
    "exits": "a worker program ended by itself; with a supervisor that is a restart",
}
STANDINGS = {
    CellStanding.HELD: StandingLook(
        "passed",
        "nothing that is promised was broken: what was lost, told or done again is so by design, "
        "or nothing is promised of it",
    ),
    CellStanding.BROKEN: StandingLook(
        "failed",
        "a promise of the documentation, or a need of every client, was broken: the cell names the "
        "requirement",
    ),
    CellStanding.OPEN: StandingLook(
        "inconclusive", "no verdict: not played yet, or the machine was too busy to judge"
    ),
    CellStanding.UNASKED: StandingLook("not_assessed", "not to be asked of this system"),
}
