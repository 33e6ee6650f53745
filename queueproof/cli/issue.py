"""`queueproof report issue ID`: a bug report for one failed requirement."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from queueproof.cli import completion
from queueproof.errors import UsageError
from queueproof.redaction import redacted_all
from queueproof.reporting import HISTORY, json_report
from queueproof.reporting.files import replace_file
from queueproof.reporting.run_folders import newest_report
from queueproof.reporting.timeline import read_history
from queueproof.reproducing.report import bug_report

_RUNS = Path("reports/out")


def issue(
    requirement: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="A failed requirement.", autocompletion=completion.requirements
        ),
    ],
    report: Annotated[
        Path | None,
        typer.Option(help="The run's folder or report.json; else the newest in reports/out."),
    ] = None,
    case: Annotated[str, typer.Option(help="Part of the case's name, if several failed.")] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for ID.md and the script; else printed."),
    ] = None,
) -> None:
    """Print a **bug report ready to file**: versions, steps with curl and with a script, trace.

    The script is stand-alone: it needs httpx, not queueproof.
    """
    folder = _folder(report)
    history = folder / HISTORY
    rows = read_history(history) if history.is_file() else []
    result = redacted_all(json_report.load(folder / "report.json"))
    made = bug_report(result, redacted_all(rows), requirement, case=case)
    if out is None:
        typer.echo(made.markdown, nl=False)
        return
    replace_file(out / f"{requirement}.md", made.markdown)
    typer.echo(str(out / f"{requirement}.md"))
    if made.script:
        replace_file(out / made.script_name, made.script)
        typer.echo(str(out / made.script_name))


def newest_folder(out: Path) -> Path:
    """The folder of the newest report below `out`; raises UsageError where there is none."""
    path = newest_report(out)
    if path is None:
        raise UsageError(f"there is no report in {out}: name the run's folder")
    return path.parent


def _folder(report: Path | None) -> Path:
    if report is not None:
        return report if report.is_dir() else report.parent
    return newest_folder(_RUNS)
