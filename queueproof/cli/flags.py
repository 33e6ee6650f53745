"""Commands whose help shows options as people type them: `-h`, flags without a type.

typer shows `--strict <bool>`, as if the flag took a value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

#: What stands for a value in the help, by its type.
_WORDS = {"path": "PATH", "str": "TEXT", "int": "N", "float": "N"}
#: What every command understands besides its own options.
SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


def _metavar(option: TyperOption) -> str:
    """What stands for an option's value: its choices, or a word for its type; none for a flag."""
    if option.is_flag:
        return ""
    shown = str(option.display_type_rich(ctx=None) or "").strip("<>")  # type: ignore[arg-type]
    shown = shown.removeprefix("list[").removesuffix("]")
    return f"[{shown}]" if "|" in shown else _WORDS.get(shown, shown.upper())


def _nothing(ctx: Any) -> None:
    """The type of an argument, which its name tells."""


def _without_types(parameters: Any) -> Any:
    for parameter in parameters:
        if isinstance(parameter, TyperOption) and parameter.metavar is None:
            parameter.metavar = _metavar(parameter)
        if isinstance(parameter, TyperArgument):
            setattr(parameter, "display_type_rich", _nothing)  # noqa: B010  (a method, for this one)
    return parameters


class PlainFlags(TyperCommand):
    """A command whose flags have no type in the help."""

    def get_params(self, ctx: Any) -> Any:
        """The parameters, `--help` among them."""
        return _without_types(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """A group of commands whose own flags have none either."""

    def get_params(self, ctx: Any) -> Any:
        """The parameters, `--help` among them."""
        return _without_types(super().get_params(ctx))


def program(**more: Any) -> typer.Typer:
    """A program or a group of commands, in the form that all of ours have."""
    more.setdefault("rich_markup_mode", "markdown")
    return typer.Typer(context_settings=SETTINGS, **more)


def command_of(what: Callable[..., Any] | typer.Typer, name: str, **settings: Any) -> Any:
    """The command that a function, or the group that a module of commands, makes."""
    if not isinstance(what, typer.Typer):
        alone = program(add_completion=False)
        alone.command(cls=PlainFlags, context_settings={**SETTINGS, **settings})(what)
        what = alone
    command = typer.main.get_command(what)
    command.name = name
    return command
