"""`queueproof requirements`: the registry, as a table or as data; of a target, what is judged."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from queueproof.cli import completion, options

if TYPE_CHECKING:
    from queueproof.config.model import TargetConfig
    from queueproof.reporting.written_tables import WrittenTable
    from queueproof.requirements import Requirement


class TableFormat(StrEnum):
    """How a table is written."""

    TERMINAL = "terminal"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "md"


class AccessWord(StrEnum):
    """The kinds of access, lowest first."""

    HTTP = "http"
    ADMIN = "admin"
    REDIS = "redis"
    PROXY = "proxy"
    PROCESS = "process"
    LAUNCH = "launch"


def requirements(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID|AREA]…",
            help="IDs or areas; all when none is given.",
            autocompletion=completion.requirements,
        ),
    ] = None,
    contract: options.Contract = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A target file: say what of it would be judged, what not, and why.",
            rich_help_panel=options.TARGET,
        ),
    ] = None,
    access: Annotated[
        list[AccessWord] | None,
        typer.Option(
            metavar="ACCESS",
            help=f"Only what needs this access: {', '.join(AccessWord)}; may be repeated.",
            rich_help_panel=options.SELECTION,
        ),
    ] = None,
    suites: options.Suites = None,
    form: Annotated[
        TableFormat,
        typer.Option(
            "--format",
            metavar="[terminal|json|csv|md]",
            help="How to write it.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = TableFormat.TERMINAL,
    no_color: options.NoColor = False,
) -> None:
    """List the **requirements**: ID, level, access they need, and what they say.

    Examples:

    - `queueproof requirements polling`

    - `queueproof requirements --access http --format csv`

    - `queueproof requirements --config target.toml`
    """
    from queueproof.config.load import load_target
    from queueproof.config.model import DEFAULT_CONTRACT
    from queueproof.reporting.written_tables import WrittenTable
    from queueproof.requirements import load_registry

    options.folders("suites", suites)
    target = load_target(config, contract=contract) if config is not None else None
    named = target.contract if target else contract or DEFAULT_CONTRACT
    kinds = {kind.value for kind in access or ()}
    chosen = load_registry(named).select(words or (), option="")
    rows = [row for row in chosen if not kinds or row.access.value in kinds]
    table = WrittenTable(f"{len(rows)} requirements of {named}", _HEAD, [_cells(r) for r in rows])
    if target is not None:
        table = _of_target(target, rows)
    if form is TableFormat.TERMINAL:
        options.screen_of(no_color=no_color).print(table)
    else:
        typer.echo(table.written(form.value), nl=False)


_HEAD = ("id", "level", "access", "requirement", "heading")


def _cells(row: Requirement) -> tuple[str, ...]:
    return (row.id, row.level.value, row.access.value, row.sentence, row.heading)


def _of_target(target: TargetConfig, rows: Sequence[Requirement]) -> WrittenTable:
    """What its file alone decides; the gate finds out the rest by asking."""
    from queueproof.reporting.written_tables import WrittenTable
    from queueproof.running.declared import why_not_by_description

    reasons = {row.id: why_not_by_description(row, target) for row in rows}
    judged = [row for row in rows if not reasons[row.id]]
    return WrittenTable(
        f"{len(judged)} of {len(rows)} requirements of {target.contract} would be judged",
        ("id", "level", "by", "requirement", "judged, or why not"),
        [_judged_cells(row, target, reasons[row.id]) for row in rows],
    )


def _judged_cells(row: Requirement, target: TargetConfig, reason: str) -> tuple[str, ...]:
    from queueproof.running.declared import promise_beside

    promised = promise_beside(row, target)
    judged = f"judged; promised: {promised}" if promised else "judged"
    verdict = f"not judged: {reason}" if reason else judged
    return (row.id, row.level.value, ", ".join(row.judged_by), row.sentence, verdict)
