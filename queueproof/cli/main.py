"""The command line: `queueproof gate|chaos|explore|load|watch|bench|report|requirements|serve|lab|
doctor`.

A command's module is imported when the command is asked for: a gate needs no load generator, and
the list of the commands needs none of them.
"""

from __future__ import annotations

import atexit
import os
import sys
import traceback
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand

from queueproof import __version__
from queueproof.cli.flags import PlainGroup, command_of, program
from queueproof.cli.renamed import renamed
from queueproof.cli.streams import guard_streams, not_written
from queueproof.errors import UsageError, describe_own_error, known_error
from queueproof.redaction import known_secrets
from queueproof.reporting.ci_log import log_without_commands
from queueproof.reporting.text import shown_in_line
from queueproof.running.signals import as_keyboard_interrupt, unheard_from_here
from queueproof.verdicts import ExitCode

_DEBUG_VARIABLE = "QUEUEPROOF_DEBUG"
_LONGEST_LINE = 2_000
_PYTHONS_OWN = warnings.showwarning
#: Each command, and what the list of the commands says of it: its docstring's first paragraph.
COMMANDS = {
    "gate": "Judge a deployment: what holds, what breaks, with evidence.",
    "chaos": "Play outages: what happens to users' jobs meanwhile and afterwards.",
    "explore": "Look for faults with generated schedules.",
    "load": "Load a deployment: how much it carries, how late it gets, and that nothing is lost.",
    "watch": "Watch a deployment in production: does every worker still take jobs, do cancels "
    "work?",
    "bench": "Benchmarks: jobs a second, latencies, memory, side by side in one run.",
    "requirements": "List the requirements: ID, level, access they need, and what they say.",
    "serve": "Serve a reference system, with settings from the environment.",
    "lab": "Install a real system into a cache of its own, start it as it needs, and judge it.",
    "doctor": "Check what this machine has for queueproof, and say how to get what is missing.",
    "report": "Compare, merge, publish and pass on reports.",
}
_RUNS = ("gate", "chaos", "explore", "load", "lab")
#: The code with which typer answers a KeyboardInterrupt.
_OF_TYPER = 130
_SETTINGS: dict[str, dict[str, Any]] = {
    "serve": {"allow_extra_args": True, "ignore_unknown_options": True},
}


class _Unforeseen(Exception):
    """An error for which typer has an end of its own, with code 1: here that means a failure."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Commands(PlainGroup):
    """The function, or the group of commands, that bears the name of its module."""

    def invoke(self, ctx: Any) -> Any:
        """What the command returns."""
        try:
            return super().invoke(ctx)
        except (EOFError, BrokenPipeError) as error:
            raise _Unforeseen(error) from error

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command and its words, old names among them as they are called now."""
        # What is known by name is what a wrong name is compared with.
        self.commands.update({name: self.get_command(ctx, name) for name in COMMANDS})
        name, _, rest = super().resolve_command(ctx, args)
        if name is None:
            return None, None, rest  # half a line, for completion
        return name, command_named(name), renamed(name, rest, _warn)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """In the order in which they are of use."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """What the list of the commands says of one; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        words = COMMANDS[cmd_name]
        return TyperCommand(cmd_name, help=words, short_help=words, rich_markup_mode=None)


def command_named(name: str) -> Any:
    """The command with its options, as its module has it."""
    from queueproof.cli.option_variables import settable_by_environment

    what = getattr(import_module(f"queueproof.cli.{name}"), name)
    command = command_of(what, name, **_SETTINGS.get(name, {}))
    settable_by_environment(name, command)
    return command


# Plain: what draws the panels of a command's help takes longer than all the rest of this.
app = program(
    name="queueproof",
    cls=Commands,
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Prove that a multi-worker job queue keeps its promises.",
    epilog="Exit codes: 0 passed · 1 a requirement failed · 2 usage or configuration · "
    "3 inconclusive · 4 target unreachable · 5 queueproof's own error.",
)


def _warn(text: str) -> None:
    typer.echo(f"queueproof: {text}", err=True)


def _show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
    """A word of a user's file that has another name now is a line; other warnings are Python's."""
    from queueproof.config.kinds import RenamedWarning

    if issubclass(category, RenamedWarning):
        _warn(shown_in_line(str(message)))
    else:
        _PYTHONS_OWN(message, category, *place, **more)


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
    """Run the command line; every error is one line on stderr and the exit code it has.

    With `QUEUEPROOF_DEBUG=1` the traceback comes before the line. What is printed goes through
    streams that no reader can break, and that show no secret. On GitHub the log of a run obeys no
    command but those of the run's own end.
    """
    guard_streams()
    warnings.showwarning = _show
    _learn_secrets()
    as_keyboard_interrupt()
    # Not before: who calls this as a function lives on, and what it starts would ignore them too.
    atexit.register(unheard_from_here)
    runs = sys.argv[1:2] and sys.argv[1] in _RUNS
    # Of standard output `--json` wants nothing but the report.
    as_json = "--json" in sys.argv or "QUEUEPROOF_JSON" in os.environ
    commands = sys.stderr if as_json else sys.stdout
    with log_without_commands(os.environ if runs else {}, commands):
        _run()


def _run() -> None:
    try:
        _expect_a_folder()
        code = app(prog_name="queueproof", standalone_mode=False)
    except KeyboardInterrupt:
        _end_interrupted()
    except _Unforeseen as wrapped:
        sys.exit(_told(wrapped.error))
    except Exception as error:  # noqa: BLE001  (whatever it is, its code must not be another's)
        sys.exit(_told(error))
    if code == _OF_TYPER:
        _end_interrupted()
    code = code if isinstance(code, int) else ExitCode.PASSED
    if code == ExitCode.PASSED and (why := not_written()):
        typer.echo(f"queueproof: standard output is not complete: {why}", err=True)
        code = ExitCode.USAGE
    sys.exit(code)


def _expect_a_folder() -> None:
    try:
        Path.cwd()
    except OSError as error:
        raise UsageError(f"the folder that this was started in is gone: {error.strerror}") from None


def _end_interrupted() -> NoReturn:
    typer.echo("queueproof: interrupted", err=True)
    sys.exit(ExitCode.INCONCLUSIVE)


def _told(error: Exception) -> ExitCode:
    """Say what went wrong, in a line that can act on no terminal; the exit code."""
    if os.environ.get(_DEBUG_VARIABLE, "") not in ("", "0"):
        traceback.print_exception(error)
    if hasattr(error, "format_message"):
        return _told_of_words(error)
    known = known_error(error)
    if known is not None:
        typer.echo(f"queueproof: {shown_in_line(str(known))}", err=True)
        return known.exit_code
    line = shown_in_line(describe_own_error(error), limit=_LONGEST_LINE)
    typer.echo(f"queueproof: {line} ({_DEBUG_VARIABLE}=1 shows where)", err=True)
    return ExitCode.INTERNAL


def _told_of_words(error: Any) -> ExitCode:
    """A word of the command line that is none: what, and whose help says more."""
    context = getattr(error, "ctx", None)
    if not str(error.format_message()).strip() or type(error).__name__ == "NoArgsIsHelpError":
        # The help has been shown in its place.
        error.show()
        return ExitCode.USAGE
    command = context.command_path if context is not None else "queueproof"
    line = shown_in_line(error.format_message(), limit=_LONGEST_LINE)
    typer.echo(f"queueproof: {line} (see {command} --help)", err=True)
    return ExitCode.USAGE


def _learn_secrets() -> None:
    """Whatever the environment and the command line hold of them, for every command."""
    ours = {name: value for name, value in os.environ.items() if name.startswith("QUEUEPROOF_")}
    known_secrets.learn_settings(ours)
    known_secrets.learn_arguments(sys.argv[1:])
