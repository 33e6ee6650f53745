"""What a finished run says: to the person at the terminal, and to the CI that it runs in."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console

from queueproof.redaction import redacted_all
from queueproof.reporting.ci_log import is_actions, own_commands
from queueproof.reporting.github import append_summary, workflow_commands
from queueproof.reporting.model import RunResult
from queueproof.reporting.terminal import render


def tell(result: RunResult, folder: Path, console: Console) -> None:
    """Print the result; on GitHub, annotate the log and add the run to the job's summary."""
    result = redacted_all(result)
    console.print(render(result, report=folder / "report.html"))
    append_summary(result, os.environ)
    if is_actions(os.environ):
        with own_commands():
            for line in workflow_commands(result):
                console.print(line, markup=False, highlight=False, soft_wrap=True)
