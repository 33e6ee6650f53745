"""The output of a finished run: to the terminal, the CI that it runs in, and collectors."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from queueproof.errors import UsageError
from queueproof.redaction import redacted_all
from queueproof.reporting import json_report
from queueproof.reporting.ci_log import is_actions, own_commands
from queueproof.reporting.github import append_summary, workflow_commands
from queueproof.reporting.metrics_export import wanted_by
from queueproof.reporting.model import RunResult
from queueproof.reporting.terminal import render, slowest
from queueproof.running.screen import Verbosity, telling_of


def tell(result: RunResult, folder: Path | None, console: Console) -> None:
    """Print the result; on GitHub, annotate the log and add the run to the job's summary.

    Without a folder there is no report to name. A screen that wants JSON gets the report's on
    standard output. Metrics go where they are wanted, last; where they cannot, a line says so.
    """
    result, telling = redacted_all(result), telling_of(console)
    brief = telling.verbosity is Verbosity.QUIET
    console.print(render(result, report=folder / "report.html" if folder else None, brief=brief))
    if telling.durations:
        console.print(slowest(result, telling.durations))
    if telling.as_json:
        sys.stdout.write(json_report.render(result))
        sys.stdout.flush()
    append_summary(result, os.environ)
    if is_actions(os.environ):
        with own_commands():
            for line in workflow_commands(result):
                console.print(line, markup=False, highlight=False, soft_wrap=True)
    _export(result, telling.textfile, console)


def _export(result: RunResult, textfile: Path | None, console: Console) -> None:
    if textfile is None and wanted_by(os.environ) is None:
        return
    # What it is made with takes a while to be imported, and few runs want it.
    from queueproof.reporting.run_metrics import export_run

    for trouble in export_run(result, textfile, os.environ):
        console.print(trouble, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def told_if_unwritten(result: RunResult, console: Console) -> Iterator[None]:
    """While the report is written: if it cannot be, what the run has found is told all the same."""
    try:
        yield
    except UsageError:
        tell(result, None, console)
        raise
