"""Filling a matrix of outages: one `queueproof lab …` after another, each in a process of its own.

Every process is the command that a person would type, so that the line in its report plays it
again; and one that fails, hangs or is stopped takes nothing else with it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from queueproof.chaos.scenario import Scenario
from queueproof.lab.matrix_plan import (
    MOST_LOOKS,
    LeftToPlay,
    description,
    folder_name,
    left_to_play,
    played_alike,
)
from queueproof.lab.own_command import run_command
from queueproof.lab.recipe import Choice
from queueproof.reporting import outage_matrix
from queueproof.reporting.files import replace_file
from queueproof.reporting.outage_matrix import GATE, MEASURES, OUTAGES, RUNS, VISIT
from queueproof.reporting.outage_rows import CellStanding
from queueproof.verdicts import ExitCode

#: Seconds that a cell takes before any was played here.
_GATE_S, _OUTAGE_S = 60.0, 25.0
_GATE_WITHIN_S, _OUTAGE_WITHIN_S = 900.0, 300.0
_MEASURE_WITHIN_S = 300.0
#: Files of a run that a matrix does not keep: the report has the same.
_LEFT_OUT = ("junit.xml", "summary.md")
#: How the line begins in which a run says where its report is.
_REPORT = "report "
#: Where runs lie that were played on other settings, promises or judgements than those of today.
EARLIER = "earlier"

Start = Callable[[Sequence[str], float, Path], int]
Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class MatrixConfig:
    """What is to be filled.

    `folder` holds the matrix; `outages` are what is played on each of `systems`; `gate` says
    whether they are judged by the gate, too, `measure` whether they are measured; `parallel` is how
    many outages are played side by side.
    """

    folder: Path
    systems: tuple[Choice, ...]
    outages: tuple[Scenario, ...]
    gate: bool = True
    measure: bool = False
    parallel: int = 1
    seed: int = 0


@dataclass
class MatrixRun:
    """Plays what is left of a matrix; `start` runs a command and returns its exit code."""

    config: MatrixConfig
    tell: Tell
    start: Start = run_command
    _took_s: dict[str, list[float]] = field(default_factory=lambda: {"gate": [], "outages": []})

    def play(self) -> ExitCode:
        """Play it all and write the page after each process.

        0 where every cell has a verdict, 3 where some are still open.
        """
        for choice in self.config.systems:
            self._describe(choice)
        for choice in self.config.systems:
            for part in self._left(choice):
                self.tell(self._progress(choice, part))
                self._play(choice, part)
                outage_matrix.write(self.config.folder)
            self._measure(choice)
        outage_matrix.write(self.config.folder)
        open_cells = self._cells_left()
        self.tell(f"{self._cells - open_cells} of {self._cells} cells have a verdict")
        return ExitCode.INCONCLUSIVE if open_cells else ExitCode.PASSED

    @property
    def _cells(self) -> int:
        return len(self.config.systems) * (len(self.config.outages) + self.config.gate)

    def _home(self, choice: Choice) -> Path:
        return self.config.folder / RUNS / folder_name(choice)

    def _left(self, choice: Choice) -> list[LeftToPlay]:
        names = [one.id for one in self.config.outages]
        return left_to_play(self._home(choice), names, gate=self.config.gate)

    def _describe(self, choice: Choice) -> None:
        """Say what the system is, and keep what earlier runs said of it.

        Those that were played otherwise than it would be played now are put aside.
        """
        home = self._home(choice)
        home.mkdir(parents=True, exist_ok=True)
        path = home / VISIT
        now = description(choice, choice.recipe.workers, self.config.outages)
        if path.is_file():
            before = json.loads(path.read_text("utf-8"))
            known = {one["id"]: one for one in [*before.get("outages", ()), *now["outages"]]}
            now["outages"] = [known[one] for one in sorted(known)]
            if played_alike(before, now):
                now |= {name: before[name] for name in ("runs", "measured") if name in before}
            else:
                aside = _put_aside(home)
                self.tell(f"{choice.name}: played otherwise before: see {aside}; played anew")
        _write(path, now)

    def _play(self, choice: Choice, part: LeftToPlay) -> None:
        home, began = self._home(choice), time.monotonic()
        row: dict[str, Any] = {
            "kind": part.kind,
            "only": list(part.only),
            "began": datetime.now(UTC).isoformat(timespec="seconds"),
            "processors": psutil.cpu_count(),
            "load_before": round(os.getloadavg()[0], 1),
        }
        within_s = _GATE_WITHIN_S if part.kind == GATE else _OUTAGE_WITHIN_S * part.cells
        log = home / f"{part.kind}.log"
        row["exit_code"] = self.start(self._command(choice, part), within_s, log)
        row["load_after"] = round(os.getloadavg()[0], 1)
        row["took_s"] = round(time.monotonic() - began, 1)
        self._took_s[part.kind].append(row["took_s"] / part.cells)
        self._note(home, row, log)
        for name in _LEFT_OUT:
            for path in home.glob(f"{part.kind}/*/{name}"):
                path.unlink()

    def _measure(self, choice: Choice) -> None:
        """Measure it where that was not done, as often as anything without a verdict is asked."""
        home = self._home(choice)
        visit = json.loads((home / VISIT).read_text("utf-8"))
        tried = visit.get("measured", 0)
        if not self.config.measure or (home / MEASURES).is_file() or tried >= MOST_LOOKS:
            return
        _write(home / VISIT, {**visit, "measured": tried + 1})
        self.tell(f"measuring {choice.name}")
        command = ["lab", *choice.words, "--measure", "--out", str(home)]
        self.start(command, _MEASURE_WITHIN_S, home / "measures.log")

    def _note(self, home: Path, row: dict[str, Any], log: Path) -> None:
        """Add the run to the system's own; where it made no report, why."""
        visit = json.loads((home / VISIT).read_text("utf-8"))
        visit["runs"].append(row)
        visit.pop("reason", None)
        stopped = row["exit_code"] in (ExitCode.USAGE, ExitCode.UNREACHABLE, ExitCode.INTERNAL)
        if stopped and (reason := _why_no_report(log)):
            visit["reason"] = reason
        _write(home / VISIT, visit)

    def _command(self, choice: Choice, part: LeftToPlay) -> list[str]:
        what = ["--gate"] if part.kind == GATE else ["--chaos"]
        if part.kind != GATE and self.config.parallel > 1:
            what += ["--parallel", str(self.config.parallel)]
        only = [word for one in part.only for word in ("--only", one)]
        place = ["--seed", str(self.config.seed), "--out", str(self._home(choice) / part.kind)]
        return ["lab", *choice.words, *what, *only, *place]

    def _cells_left(self) -> int:
        """How many cells have no verdict, those that are asked no more among them."""
        matrix = outage_matrix.collect(self.config.folder)
        mine = {folder_name(choice) for choice in self.config.systems}
        rows = [row for row in matrix.rows if row.name in mine]
        outages = {one.id for one in self.config.outages}
        open_outages = sum(
            cell.standing is CellStanding.OPEN
            for row in rows
            for cell in row.cells
            if cell.outage in outages
        )
        gates = sum(not row.gate_settled for row in rows) if self.config.gate else 0
        return open_outages + gates

    def _progress(self, choice: Choice, part: LeftToPlay) -> str:
        done = self._cells - self._cells_left()
        left = [one for each in self.config.systems for one in self._left(each)]
        left_s = sum(self._cell_s(one.kind) * one.cells for one in left)
        what = "gate" if part.kind == GATE else f"{part.cells} outages"
        variant = f" {choice.variant}" if choice.variant else ""
        return (
            f"{done} of {self._cells} cells; {choice.name}{variant}: {what}; "
            f"about {max(1, round(left_s / 60))} min left"
        )

    def _cell_s(self, kind: str) -> float:
        """Seconds that a cell of this kind takes: as those before it did."""
        took_s = self._took_s[kind]
        return sum(took_s) / len(took_s) if took_s else (_GATE_S if kind == GATE else _OUTAGE_S)


def _put_aside(home: Path) -> Path:
    """Move all runs of a system, with their description, to a folder of their own."""
    number = len(list((home / EARLIER).glob("*"))) + 1
    aside = home / EARLIER / str(number)
    aside.mkdir(parents=True)
    for name in (VISIT, GATE, OUTAGES, MEASURES):
        if (home / name).exists():
            shutil.move(home / name, aside / name)
    return aside


def _why_no_report(log: Path) -> str:
    """The last words of a run that made no report; empty where the last command in it made one."""
    last = log.read_text("utf-8", "replace").rpartition("\n$ ")[2]
    lines = [line.strip() for line in last.splitlines()]
    if any(line.startswith(_REPORT) for line in lines):
        return ""
    return next((line for line in reversed(lines) if line), "")


def _write(path: Path, what: dict[str, Any]) -> None:
    replace_file(path, json.dumps(what, indent=1, ensure_ascii=False) + "\n")
