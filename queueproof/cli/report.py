"""`queueproof report …`: compare, keep, excuse and pass on what runs have found."""

from __future__ import annotations

import gzip
import json
import webbrowser
from enum import StrEnum
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from queueproof.cli import options
from queueproof.cli.flags import SETTINGS, PlainFlags, PlainGroup, program
from queueproof.cli.issue import issue, newest_folder
from queueproof.errors import UsageError
from queueproof.redaction import redacted_all
from queueproof.reporting import (
    HISTORY,
    badge,
    baseline,
    diff,
    json_report,
    matrix,
    published,
    trend,
    write_all,
)
from queueproof.reporting.files import replace_file
from queueproof.reporting.merge import merge, merge_histories
from queueproof.reporting.model import RunResult
from queueproof.reporting.terminal import render as render_terminal
from queueproof.reporting.timeline import read_history
from queueproof.verdicts import ExitCode

report = program(
    cls=PlainGroup,
    add_completion=False,
    no_args_is_help=True,
    help="Compare, merge, publish and pass on **reports**.",
)
_command = partial(report.command, cls=PlainFlags, context_settings=SETTINGS)
_command("issue")(issue)

_Report = Annotated[Path, typer.Argument(help="A report.json, or the folder it is in.")]
_Out = Annotated[Path | None, typer.Option("--out", "-o", help="File to write; else printed.")]


class PageFormat(StrEnum):
    """How a comparison is written."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    HTML = "html"


class ExportFormat(StrEnum):
    """What a report is written as for others; the name of its writer."""

    CTRF = "ctrf"
    SARIF = "sarif"
    JUNIT = "junit"


class HistoryFormat(StrEnum):
    """How a history over runs is written."""

    TERMINAL = "terminal"
    MARKDOWN = "md"
    JSON = "json"
    CSV = "csv"


class BadgeFormat(StrEnum):
    """How a badge is written."""

    SVG = "svg"
    JSON = "json"


@_command("open")
def opening(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[REPORT]", help="A run's folder; else the newest below --out."),
    ] = None,
    requirement: Annotated[
        str, typer.Option("--at", metavar="ID", help="Show this requirement.")
    ] = "",
    out: options.Out = options.OUT,
) -> None:
    """Show a run's `report.html` **in the browser**, and print its address."""
    folder = _folder_of(path) if path is not None else newest_folder(out)
    page = folder / "report.html"
    if not page.is_file():
        raise UsageError(f"there is no report.html in {folder}")
    address = page.resolve().as_uri() + (f"#{requirement.upper()}" if requirement else "")
    typer.echo(address)
    if not webbrowser.open(address):
        typer.echo("queueproof: no browser could be started here", err=True)


@_command("diff")
def difference(
    old: _Report,
    new: _Report,
    form: Annotated[PageFormat, typer.Option("--format", help="How to write it.")] = (
        PageFormat.TERMINAL
    ),
    out: _Out = None,
) -> None:
    """What **broke, was fixed, still fails or is no longer assessed** between two runs.

    Exits with 1 when something fails that did not fail before, else with 0.
    """
    comparison = diff.compare(load(old), load(new))
    if form is PageFormat.TERMINAL and out is None:
        Console(highlight=False).print(diff.render_terminal(comparison))
    else:
        written = diff.render_html if form is PageFormat.HTML else diff.render_markdown
        emit(written(comparison), out)
    raise typer.Exit(ExitCode.FAILED if comparison.broken else ExitCode.PASSED)


@_command("history")
def over_runs(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR…", help="Folders of runs, or folders with such folders."),
    ],
    form: Annotated[
        HistoryFormat,
        typer.Option("--format", metavar="[terminal|md|json|csv]", help="How to write it."),
    ] = HistoryFormat.TERMINAL,
    out: _Out = None,
) -> None:
    """What became of each requirement **from run to run**: broken, fixed, still failing, flaky.

    Flaky is what passed, failed and passed again on one version of the target. Exits with 1 when
    something is broken or flaky, else with 0.
    """
    results = trend.in_order(load(path) for path in _reports_in(folders))
    if len({(result.kind, result.target.contract) for result in results}) > 1:
        raise UsageError("a history is of one kind of run on one contract: name fewer folders")
    found = trend.courses(results)
    runs, courses = trend.run_table(results), trend.course_table(found)
    if form is HistoryFormat.TERMINAL and out is None:
        Console(highlight=False).print(runs, *([courses] if found else []))
    else:
        kind = "md" if form is HistoryFormat.TERMINAL else form.value
        both = kind == "md"
        emit((f"{runs.written(kind)}\n" if both else "") + courses.written(kind), out)
    raise typer.Exit(ExitCode.FAILED if trend.wants_attention(found) else ExitCode.PASSED)


@_command("merge")
def merging(
    reports: Annotated[list[Path], typer.Argument(help="Reports of runs of one target.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write the one report to.")],
) -> None:
    """Make **one report of several runs** of one target, such as shards by `--only`.

    A case that several runs played keeps its worst verdict. Exits as the merged run does.
    """
    results = [load(path) for path in reports]
    result = merge(results)
    histories = [(each, _history_beside(path)) for each, path in zip(results, reports, strict=True)]
    out.mkdir(parents=True, exist_ok=True)
    with gzip.open(out / HISTORY, "wt", encoding="utf-8") as sink:
        for row in merge_histories(histories):
            sink.write(json.dumps(row, ensure_ascii=False) + "\n")
    _write(result, out)
    raise typer.Exit(result.exit_code)


@_command("render")
def rendering(
    path: _Report,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder; else in place.")] = None,
) -> None:
    """Write every format anew from a `report.json`, the history beside it included."""
    result, folder = load(path), _folder_of(path)
    target = out or folder
    if target != folder and (folder / HISTORY).is_file():
        target.mkdir(parents=True, exist_ok=True)
        (target / HISTORY).write_bytes((folder / HISTORY).read_bytes())
    _write(result, target)


@_command("export")
def exporting(
    path: _Report,
    form: Annotated[
        ExportFormat,
        typer.Option("--format", metavar="[ctrf|sarif|junit]", help="How to write it."),
    ],
    out: _Out = None,
) -> None:
    """A report for **another tool**: CTRF for dashboards, SARIF for code scanning, JUnit."""
    writer = import_module(f"queueproof.reporting.{form.value}")
    emit(writer.render(redacted_all(load(path))), out)


@_command("matrix")
def matrix_page(
    folder: Annotated[Path, typer.Argument(help="A folder with reports, each in its own folder.")],
    out: _Out = None,
) -> None:
    """One page of **many targets and versions by requirements**; a report's folder names it."""
    place = out or folder / "matrix.html"
    replace_file(place, matrix.render(matrix.collect(folder)))
    typer.echo(str(place))


@_command("publish")
def publishing(
    run: Annotated[Path, typer.Argument(help="The folder of a run.")],
    name: Annotated[str, typer.Option(help="Its lasting name, such as langflow-1.13.0.")],
    to: Annotated[Path, typer.Option(help="Where published reports are kept.")] = Path(
        "reports/published"
    ),
) -> None:
    """Keep a run **under a lasting name**, and write the pages over all that are kept."""
    typer.echo(str(published.publish(run, name, to)))


@_command("baseline")
def baseline_file(
    path: _Report,
    reason: Annotated[str, typer.Option(help="Why these failures are accepted.")],
    link: Annotated[str, typer.Option(help="Where they are dealt with.")] = "",
    until: Annotated[str, typer.Option(help="Last day, as 2027-03-31.")] = "",
    out: _Out = None,
) -> None:
    """Write a **baseline** that accepts every failure of a run, for `gate --baseline`."""
    text = baseline.render(load(path), reason=reason, link=link, until=until)
    baseline.parse(text, "the baseline to be written")
    emit(text, out)


@_command("badge")
def badge_file(
    path: _Report,
    form: Annotated[BadgeFormat, typer.Option("--format", help="svg, or json for shields.io.")] = (
        BadgeFormat.SVG
    ),
    out: _Out = None,
) -> None:
    """The verdict as a **badge**."""
    render = badge.render_svg if form is BadgeFormat.SVG else badge.render_json
    emit(render(load(path)), out)


def _reports_in(folders: list[Path]) -> list[Path]:
    """The report.json of each folder, or of the folders in it; raises UsageError for none."""
    found: dict[Path, None] = {}
    for folder in folders:
        own = [folder] if folder.is_file() else sorted(folder.glob("report.json"))
        below = own or sorted(folder.glob("*/report.json"))
        if not below:
            raise UsageError(f"there is no report.json in {folder} or in a folder of it")
        found.update(dict.fromkeys(below))
    return list(found)


def load(path: Path) -> RunResult:
    """The result of a report.json, or of the folder it is in."""
    return json_report.load(path / "report.json" if path.is_dir() else path)


def emit(text: str, out: Path | None) -> None:
    """Write `text` to a file, or print it."""
    if out is None:
        typer.echo(text, nl=False)
    else:
        replace_file(out, text)


def _folder_of(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _history_beside(path: Path) -> list[dict[str, object]]:
    history = _folder_of(path) / HISTORY
    return read_history(history) if history.is_file() else []


def _write(result: RunResult, folder: Path) -> None:
    paths = write_all(result, folder)
    Console().print(render_terminal(result, report=paths["report.html"]))
