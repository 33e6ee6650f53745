"""The command line: `queueproof gate|chaos|explore|load|bench|report|requirements|serve|lab|
doctor`.
"""

from __future__ import annotations

import sys

import typer

from queueproof import __version__
from queueproof.cli.bench import bench
from queueproof.cli.chaos import chaos
from queueproof.cli.doctor import doctor
from queueproof.cli.explore import explore
from queueproof.cli.gate import gate
from queueproof.cli.lab import lab
from queueproof.cli.load import load
from queueproof.cli.report import report
from queueproof.cli.requirements import requirements
from queueproof.cli.serve import serve
from queueproof.errors import QueueproofError
from queueproof.verdicts import ExitCode

app = typer.Typer(
    name="queueproof",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Prove that a multi-worker job queue keeps its promises.",
    epilog="Exit codes: 0 passed · 1 a requirement failed · 2 usage or configuration · "
    "3 inconclusive · 4 target unreachable · 5 queueproof's own error.",
)
app.command()(gate)
app.command()(chaos)
app.command()(explore)
app.command()(load)
app.command()(bench)
app.command()(requirements)
app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(serve)
app.command()(lab)
app.command()(doctor)
app.add_typer(report, name="report")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"queueproof {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Prove that a multi-worker job queue keeps its promises."""


def main() -> None:
    """Run the command line; every known error is one line on stderr and its exit code."""
    try:
        app()
    except QueueproofError as error:
        typer.echo(f"queueproof: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("queueproof: interrupted", err=True)
        sys.exit(ExitCode.INCONCLUSIVE)
