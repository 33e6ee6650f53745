"""`queueproof requirements`: the registry, as a table; of a described target, what is judged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from queueproof.cli import options
from queueproof.config.load import load_target
from queueproof.config.model import DEFAULT_CONTRACT, TargetConfig
from queueproof.requirements import Requirement, load_registry
from queueproof.running.declared import promise_beside, why_not_by_description


def requirements(
    words: Annotated[
        list[str] | None, typer.Argument(help="IDs or areas; all when none is given.")
    ] = None,
    suites: options.Suites = None,
    contract: Annotated[str | None, typer.Option(help="Whose requirements.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="A target file: say what of it would be judged, what not, and why."),
    ] = None,
) -> None:
    """List the **requirements**: ID, level, access they need, and what they say."""
    options.folders("suites", suites)
    if config is not None:
        _of_target(load_target(config, contract=contract), words or ())
        return
    contract = contract or DEFAULT_CONTRACT
    rows = load_registry(contract).select(words or ())
    table = _table(f"{len(rows)} requirements of {contract}", "access", "requirement", "heading")
    for row in rows:
        cells = (row.id, row.level.value, row.access.value, row.sentence, row.heading)
        table.add_row(*(Text(cell) for cell in cells))
    Console().print(table)


def _of_target(target: TargetConfig, words: Sequence[str]) -> None:
    """What its file alone decides; the gate finds out the rest by asking."""
    rows = load_registry(target.contract).select(words)
    reasons = {row.id: why_not_by_description(row, target) for row in rows}
    judged = [row for row in rows if not reasons[row.id]]
    table = _table(
        f"{len(judged)} of {len(rows)} requirements of {target.contract} would be judged",
        *("by", "requirement", "judged, or why not"),
    )
    for row in rows:
        table.add_row(*(Text(cell) for cell in _cells(row, target, reasons[row.id])))
    Console().print(table)


def _cells(row: Requirement, target: TargetConfig, reason: str) -> tuple[str, ...]:
    promised = promise_beside(row, target)
    judged = f"judged; promised: {promised}" if promised else "judged"
    verdict = f"not judged: {reason}" if reason else judged
    return (row.id, row.level.value, ", ".join(row.judged_by), row.sentence, verdict)


def _table(title: str, *names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title)
    for name in ("id", "level", *names):
        table.add_column(name, overflow="fold")
    return table
