"""The sweep's table, command x stroke → verdict, and its report files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from queueproof.chaos.judging import invariants_of
from queueproof.chaos.report import rows_of, target_info, write_files
from queueproof.chaos.sweep import CellResult, Sweep
from queueproof.chaos.sweep_life import STROKES, Cell, Stroke
from queueproof.checkers.findings import Finding
from queueproof.config.model import RunConfig
from queueproof.history import History
from queueproof.reporting.digest import SYMBOLS
from queueproof.reporting.files import replace_file
from queueproof.reporting.model import CaseResult, Coverage, RunResult
from queueproof.reporting.verdict_styles import VERDICT_STYLES
from queueproof.running.result_output import told_if_unwritten
from queueproof.running.run_folder import RunFolder
from queueproof.running.signals import unheard
from queueproof.verdicts import ExitCode, Verdict, exit_code_for, worst


def run_sweep(
    config: RunConfig,
    console: Console,
    *,
    at_once: int,
    only: Sequence[Cell] = (),
    where: str = "",
) -> ExitCode:
    """Sweep, write the report, print the table; returns the exit code.

    One that was cut short is reported as far as it came.
    """
    run_folder = RunFolder.below(config.out)
    history = History()
    with console.status("sweeping") as status:
        sweep = Sweep(config, history, lambda text: status.update(f"sweeping: {text}"), at_once)
        try:
            asyncio.run(sweep.run(only))
        except BaseException:
            run_folder.forget()
            raise
    result = _result(sweep, run_folder, where)
    console.print(table_of(sweep))
    with unheard(), told_if_unwritten(result, console):
        replace_file(run_folder.path / "sweep.md", markdown_of(sweep))
    write_files(history, result, run_folder.path, console)
    return result.exit_code


def table_of(sweep: Sweep) -> Table:
    """Commands down, strokes across."""
    table = Table(box=box.SIMPLE_HEAD, title=f"{len(sweep.results)} strokes at one job's life")
    table.add_column("n")
    table.add_column("command", no_wrap=True)
    for stroke in STROKES:
        table.add_column(stroke.name, justify="center")
    for nth, label, cells in _table_rows(sweep):
        signs = [
            Text(SYMBOLS[cell], style=VERDICT_STYLES[cell]) if cell is not None else Text("")
            for cell in cells
        ]
        table.add_row(Text(str(nth)), Text(label), *signs)
    return table


def markdown_of(sweep: Sweep) -> str:
    """The same table as Markdown, with every red cell explained below."""
    names = [stroke.name for stroke in STROKES]
    lines = [
        "# Sweep: command x stroke → verdict",
        "",
        "✓ passed · ✗ failed · ? inconclusive · - the command did not come this time",
        "",
        *([f"**Cut short:** {sweep.cut_short}", ""] if sweep.cut_short else []),
        f"| n | command | {' | '.join(names)} |",
        f"|--:|---|{':-:|' * len(names)}",
    ]
    for nth, label, cells in _table_rows(sweep):
        signs = " | ".join(SYMBOLS[cell] if cell is not None else "" for cell in cells)
        lines.append(f"| {nth} | `{label}` | {signs} |")
    lines += ["", *(f"- {line}" for result in sweep.results for line in _explained(result))]
    return "\n".join(lines) + "\n"


def _table_rows(sweep: Sweep) -> Iterable[tuple[int, str, list[Verdict | None]]]:
    """Each command's number, its label in the undisturbed life, and a verdict a stroke."""
    verdicts = {(r.cell.nth, r.cell.stroke): r.verdict for r in sweep.results}
    for nth, label in enumerate(sweep.commands, start=1):
        cells = [verdicts.get((nth, stroke)) for stroke in STROKES]
        if any(cell is not None for cell in cells):
            yield nth, label, cells


def _explained(result: CellResult) -> Iterable[str]:
    for told in result.doubts():
        yield f"**{result.cell.name}** at `{result.command}`, in doubt: {told}"
    for judgement in result.judgements:
        if result.verdict_of(judgement) is not Verdict.FAILED:
            continue
        for finding in judgement.broken:
            yield (
                f"**{result.cell.name}** at `{result.command}`: {judgement.requirement} "
                f"expected {finding.expected}; {finding.actual}"
            )


def _result(sweep: Sweep, run_folder: RunFolder, where: str) -> RunResult:
    by_stroke = {
        stroke: [result for result in sweep.results if result.cell.stroke == stroke]
        for stroke in STROKES
    }
    cases = {
        requirement: tuple(
            case
            for stroke, results in by_stroke.items()
            if results
            for case in [_case(requirement, stroke, results, where)]
            if case.verdict is not Verdict.NOT_ASSESSED
        )
        for requirement in invariants_of(sweep.config.target.contract)
    }
    entries = tuple(_entry(stroke, results) for stroke, results in by_stroke.items() if results)
    verdict = worst([*(case.verdict for row in cases.values() for case in row), *_early_end(sweep)])
    return RunResult(
        kind="chaos",
        run=run_folder.info(seed=sweep.config.seed, interrupted=sweep.cut_short),
        target=target_info(sweep.config, ("a", "b")),
        verdict=verdict,
        exit_code=exit_code_for(verdict),
        requirements=tuple(rows_of(sweep.config, cases)),
        coverage=Coverage(
            notes=(
                f"{len(sweep.commands)} commands in the undisturbed life",
                *dict.fromkeys(sweep.notes),
            )
        ),
        scenarios=entries,
    )


def _early_end(sweep: Sweep) -> Iterable[Verdict]:
    """What a sweep that did not come to its end is worth at best."""
    if sweep.error is not None:
        yield Verdict.ERROR
    if sweep.interrupted:
        yield Verdict.INCONCLUSIVE


def _case(
    requirement: str, stroke: Stroke, results: Sequence[CellResult], where: str
) -> CaseResult:
    judged = [
        (result, judgement)
        for result in results
        for judgement in result.judgements
        if judgement.requirement == requirement
    ]
    red = [(r, j.broken[0]) for r, j in judged if r.verdict_of(j) is Verdict.FAILED]
    verdict = worst(result.verdict_of(judgement) for result, judgement in judged)
    own = f"{requirement}: "
    doubts = [
        f"{result.cell.name}: {told.removeprefix(own)}"
        for result, _ in judged
        for told in result.doubts()
        if told.startswith(own)
    ]
    first: tuple[CellResult, Finding] | None = red[0] if red else None
    return CaseResult(
        id=f"sweep-{stroke.name}",
        requirement=requirement,
        title=f"{stroke.name} at each command of a job's life ({len(results)} strokes)",
        verdict=verdict,
        duration_s=0.0,
        alone=True,
        reason=""
        if verdict in (Verdict.PASSED, Verdict.FAILED)
        else next(iter(doubts), "no stroke could settle it"),
        expected=first[1].expected if first else "",
        actual=f"{first[0].cell.name} at {first[0].command}: {first[1].actual}"
        f" ({len(red)} of {len(results)} strokes)"
        if first
        else "",
        reproduce=f"queueproof chaos {where}--sweep --cell "
        f"{first[0].cell.name.removeprefix('sweep-')}"
        if first
        else "",
    )


def _entry(stroke: Stroke, results: Sequence[CellResult]) -> dict[str, Any]:
    ordered = sorted(results, key=lambda result: result.cell.nth)
    return {
        "id": f"sweep-{stroke.name}",
        "verdict": worst(result.verdict for result in results).value,
        "fault": f"{stroke.action}, {stroke.moment.value} each command in turn",
        "confirmation": f"{sum(bool(r.judgements) for r in results)} of {len(results)} struck",
        "phases": [],
        "cells": [
            {
                "nth": result.cell.nth,
                "command": result.command,
                "verdict": result.verdict.value,
                "failing": result.failing,
                "reason": result.reason,
            }
            for result in ordered
        ],
    }
