"""Systems by outages on one page: what each outage came to in a word, beside what is promised.

A matrix is a folder: `runs/<name>/visit.json` says of each system what it is and which outages are
to be played on it, and the runs beside it are ordinary reports. This module reads them and writes
`index.html` and `matrix.json`. Nothing is guessed: what has no verdict yet is open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from queueproof.errors import UsageError
from queueproof.reporting import html, json_report
from queueproof.reporting import matrix as requirements
from queueproof.reporting.digest import entry_verdict
from queueproof.reporting.files import replace_file
from queueproof.reporting.model import RunResult
from queueproof.reporting.outage_rows import (
    JOB_MEANINGS,
    STANDINGS,
    WORKER_MEANINGS,
    CellStanding,
    Outage,
    OutageCell,
    OutageMatrix,
    SystemRow,
)
from queueproof.reporting.outages import ENDLESS, SECOND_LOOK, outcome_in_words
from queueproof.verdicts import Verdict

RUNS, VISIT, PAGE, DATA = "runs", requirements.VISIT, "index.html", "matrix.json"
#: Cells that somebody disputes: an address by outage, by system.
DISPUTES = "disputes.json"
GATE, OUTAGES, MEASURES = "gate", "outages", "measures.json"
_IDLE = "the workers that the outage reached had no job"
_REPORT, _REPORT_PAGE = "report.json", "report.html"
_CONCLUSIVE = (Verdict.PASSED, Verdict.PASSED_IN_PART, Verdict.FAILED, Verdict.NOT_ASSESSED)
#: From the best to the worst, as rows are sorted: of workers, and of jobs.
_WORKERS = ("works", "mute", "refuses", "deaf", "exits")
_JOBS = ("kept", "again", "told", "twice", "untold", "lost")


def collect(folder: Path) -> OutageMatrix:
    """The matrix in `folder`; raises UsageError where there is none, or a file cannot be read."""
    visits = sorted((folder / RUNS).glob(f"*/{VISIT}"))
    if not visits:
        raise UsageError(f"there is no {RUNS}/*/{VISIT} in {folder}")
    read = [(path.parent, _json(path)) for path in visits]
    read.sort(key=lambda each: requirements.natural_key(each[0].name))
    outages = {
        one["id"]: Outage(id=one["id"], title=one["title"])
        for _, visit in read
        for one in visit.get("outages", ())
    }
    columns = tuple(outages[name] for name in sorted(outages))
    gates = [column for home, _ in read if (column := _gate(folder, home)) is not None]
    disputes = _json(folder / DISPUTES) if (folder / DISPUTES).is_file() else {}
    rows = tuple(
        _row(folder, home, {**visit, "disputes": disputes.get(home.name, {})}, columns)
        for home, visit in read
    )
    return OutageMatrix(outages=columns, rows=rows, gates=tuple(gates))


def write(folder: Path) -> OutageMatrix:
    """Write the page and the data over what is in `folder`; what they show."""
    matrix = collect(folder)
    replace_file(folder / PAGE, render(matrix))
    replace_file(folder / DATA, render_data(matrix))
    return matrix


def render(matrix: OutageMatrix) -> str:
    """The page."""
    return html.page(
        "outage_matrix.html.j2",
        scripts=("filter.js", "outage_matrix.js"),
        matrix=matrix,
        matrices=requirements.matrices(matrix.gates),
        measured=[row for row in matrix.rows if row.measures],
        jobs=JOB_MEANINGS,
        workers=WORKER_MEANINGS,
        standings=STANDINGS,
    )


def render_data(matrix: OutageMatrix) -> str:
    """The same as JSON: outages, and a row a system with a cell an outage."""
    rows = [
        {
            "name": row.name,
            **row.visit,
            "gate": {"page": row.gate, "holds": row.holds, "failing": row.failing},
            "measures": row.measures,
            "cells": [{**asdict(cell), "excuse": cell.excuse} for cell in row.cells],
        }
        for row in matrix.rows
    ]
    data = {"outages": [asdict(one) for one in matrix.outages], "systems": rows}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def entries_of(runs: Path) -> dict[str, tuple[dict[str, Any], RunResult, Path]]:
    """Of every outage played below `runs`: the first entry with a verdict, else the last one.

    With the run's result and its folder. A verdict is final: nothing is played until it fits.
    """
    found: dict[str, tuple[dict[str, Any], RunResult, Path]] = {}
    for path in sorted(runs.glob(f"*/{_REPORT}")):
        result = json_report.load(path)
        for entry in result.scenarios:
            name = outage_of(entry)
            if not _was_begun(entry, result):
                continue
            if name not in found or not is_settled(found[name][0]):
                found[name] = (entry, result, path.parent)
    return found


def gate_of(runs: Path) -> tuple[RunResult, Path] | None:
    """The first whole gate below `runs` and its folder; None where there is none.

    What it left open has the verdict of a later run that asked for it again. A run that broke off,
    because it was interrupted or its target went away, has judged a part alone: it is none.
    """
    reports = [(json_report.load(path), path.parent) for path in sorted(runs.glob(f"*/{_REPORT}"))]
    whole = [each for each in reports if not _broke_off(each[0])]
    if not whole:
        return None
    first, run = whole[0]
    later = {
        row.id: row
        for result, _ in reversed(whole[1:])
        for row in result.requirements
        if row.verdict in _CONCLUSIVE
    }
    rows = tuple(
        row if row.verdict in _CONCLUSIVE else later.get(row.id, row) for row in first.requirements
    )
    return replace(first, requirements=rows), run


def outage_of(entry: dict[str, Any]) -> str:
    """The outage that an entry is of, be it a second look at it."""
    return str(entry.get("id")).removesuffix(SECOND_LOOK)


def is_settled(entry: dict[str, Any]) -> bool:
    """Whether an outage's entry has a verdict, be it that it could not be asked."""
    return entry_verdict(entry) in _CONCLUSIVE and not _struck_nothing(entry)


def _struck_nothing(entry: dict[str, Any]) -> bool:
    """Whether nothing was shown: the workers that the outage reached had no job."""
    struck = (entry.get("outcome") or {}).get("struck")
    return struck == 0 and entry_verdict(entry).unblemished


def _was_begun(entry: dict[str, Any], result: RunResult) -> bool:
    """Whether it was played, or found not to be asked, before the run was cut short."""
    return not (_broke_off(result) and entry_verdict(entry) is Verdict.NOT_ASSESSED)


def _broke_off(result: RunResult) -> bool:
    return bool(result.run.interrupted) or result.verdict is Verdict.ERROR


def open_requirements(result: RunResult) -> list[str]:
    """The requirements of a gate that came to no verdict."""
    return [row.id for row in result.requirements if row.verdict not in _CONCLUSIVE]


def _row(folder: Path, home: Path, visit: dict[str, Any], outages: Iterable[Outage]) -> SystemRow:
    wanted = {one["id"] for one in visit.get("outages", ())}
    played = entries_of(home / OUTAGES)
    gate = _gate(folder, home)
    measures = home / MEASURES
    return SystemRow(
        name=home.name,
        visit=visit,
        cells=tuple(
            _cell(folder, outage, visit, played.get(outage.id))
            if outage.id in wanted
            else OutageCell(outage=outage.id, standing=CellStanding.UNASKED, reason="not played")
            for outage in outages
        ),
        gate=gate.page if gate else "",
        holds=f"{gate.result.counts()['passed']} of {gate.result.assessed}" if gate else "",
        failing=_failing(gate.result) if gate else (),
        gate_settled=gate is not None and not open_requirements(gate.result),
        measures=_json(measures) if measures.is_file() else {},
    )


def _cell(
    folder: Path,
    outage: Outage,
    visit: dict[str, Any],
    found: tuple[dict[str, Any], RunResult, Path] | None,
) -> OutageCell:
    if found is None:
        reason = str(visit.get("reason") or "not played yet")
        return OutageCell(outage=outage.id, standing=CellStanding.OPEN, reason=reason)
    entry, result, run = found
    name = str(entry.get("id"))
    if dispute := visit.get("disputes", {}).get(outage.id):
        return OutageCell(
            outage=outage.id,
            standing=CellStanding.OPEN,
            reason=f"disputed: {dispute}",
            page=_link(folder, run / _REPORT_PAGE, name),
        )
    standing = CellStanding.OPEN if _struck_nothing(entry) else _standing(entry_verdict(entry))
    page = run / _REPORT_PAGE
    outcome = entry.get("outcome") or {}
    return OutageCell(
        outage=outage.id,
        standing=standing,
        words=words_of(outcome) if standing in (CellStanding.HELD, CellStanding.BROKEN) else (),
        seen=outcome_in_words(outcome),
        promised=str(entry.get("promised") or ""),
        broken=_broken(result, name) if standing is CellStanding.BROKEN else (),
        reason=_reason(entry, result, name) if standing is not CellStanding.HELD else "",
        page=_link(folder, page, name),
        reproduce=str(entry.get("reproduce") or result.run.command),
        gravity=_gravity(standing, outcome),
    )


def words_of(outcome: dict[str, Any]) -> tuple[str, ...]:
    """`("again 98 s", "deaf")`: the jobs' word with its time, and the workers' if it is not
    `works`.
    """
    words = []
    if jobs := outcome.get("jobs"):
        at_s = outcome.get("jobs_s")
        timed = isinstance(at_s, int | float) and jobs not in ENDLESS
        words.append(f"{jobs} {_brief(float(at_s or 0.0))}" if timed else str(jobs))
    if outcome.get("workers") not in (None, "works"):
        words.append(str(outcome["workers"]))
    return tuple(words)


def _brief(at_s: float) -> str:
    """`0.3 s`, `98 s`, `8 min 15 s`."""
    if at_s < 10:
        return f"{at_s:.1f} s"
    minutes, rest = divmod(round(at_s), 60)
    return f"{minutes} min {rest} s" if minutes > 1 else f"{round(at_s)} s"


def _standing(verdict: Verdict) -> CellStanding:
    if verdict.unblemished:
        return CellStanding.HELD
    if verdict is Verdict.FAILED:
        return CellStanding.BROKEN
    return CellStanding.UNASKED if verdict is Verdict.NOT_ASSESSED else CellStanding.OPEN


def _gravity(standing: CellStanding, outcome: dict[str, Any]) -> int:
    """A number to sort by, the best first; what is open stands apart, behind all others."""
    if standing in (CellStanding.OPEN, CellStanding.UNASKED):
        return 1_000 + (standing is CellStanding.UNASKED)
    jobs, workers = outcome.get("jobs"), outcome.get("workers")
    return (
        100 * (standing is CellStanding.BROKEN)
        + 10 * (_WORKERS.index(workers) if workers in _WORKERS else 0)
        + (_JOBS.index(jobs) if jobs in _JOBS else 0)
    )


def _broken(result: RunResult, name: str) -> tuple[str, ...]:
    """Each requirement that failed in it, with what was seen."""
    return tuple(
        f"{row.id}: {case.actual}"
        for row in result.requirements
        for case in row.cases
        if case.id == name and case.verdict is Verdict.FAILED
    )


def _reason(entry: dict[str, Any], result: RunResult, name: str) -> str:
    """Why there is no verdict, as the scenario or the first of its doubtful requirements says."""
    said = _IDLE if _struck_nothing(entry) else str(entry.get("reason") or "")
    doubts = (
        case.reason
        for row in result.requirements
        for case in row.cases
        if case.id == name and case.verdict in (Verdict.INCONCLUSIVE, Verdict.ERROR)
    )
    return said or next((text for text in doubts if text), "")


def _gate(folder: Path, home: Path) -> requirements.Column | None:
    found = gate_of(home / GATE)
    if found is None:
        return None
    result, run = found
    return requirements.Column(home.name, result, _link(folder, run / _REPORT_PAGE))


def _failing(result: RunResult) -> tuple[str, ...]:
    return tuple(row.id for row in result.requirements if row.verdict is Verdict.FAILED)


def _link(folder: Path, page: Path, place: str = "") -> str:
    """Where the page leads; empty where there is no such report."""
    if not page.is_file():
        return ""
    return page.relative_to(folder).as_posix() + (f"#{quote(place)}" if place else "")


def _json(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if not isinstance(read, dict):
        raise UsageError(f"{path} is no object")
    return read
