"""Groups of options that commands share: a dataclass each, written once as a command's parameter.

A command that is decorated with `with_groups` takes a group as one parameter; on the command line
its fields are options like all others, in the group's place.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from queueproof.cli import options

if TYPE_CHECKING:
    from queueproof.running.screen import Screen
    from queueproof.running.target_options import TargetOptions


@dataclass(frozen=True, kw_only=True)
class OptionGroup:
    """What every group derives from; its fields are annotated as parameters of a command are."""


@dataclass(frozen=True, kw_only=True)
class WhichTarget(OptionGroup):
    """Which target, and the way in to it."""

    urls: options.Urls = None
    contract: options.Contract = None
    config: options.Config = None
    redis_url: options.RedisUrl = ""
    ca: options.Ca = ""
    proxy: options.Proxy = ""
    wait_ready: options.WaitReady = 0.0
    disposable: options.Disposable = False
    setting: options.Settings = None

    def given(self, *, workers: int | None = None) -> TargetOptions:
        """What the command line says of the target; raises UsageError for a setting amiss."""
        from queueproof.running.target_options import TargetOptions, settings_of

        return TargetOptions(
            urls=tuple(self.urls or ()),
            contract=self.contract,
            config=self.config,
            workers=workers,
            redis_url=self.redis_url,
            ca=self.ca,
            proxy=self.proxy,
            disposable=self.disposable,
            settings=settings_of(self.setting or ()),
        )


@dataclass(frozen=True, kw_only=True)
class WhoseServers(OptionGroup):
    """Where the servers of an embedded target come from."""

    stack: options.Stack = "local"
    redis: options.Redis = ""

    def words(self) -> tuple[str, ...]:
        """The options again, where they were given."""
        from queueproof.running.target_options import option

        return (
            *option("--stack", None if self.stack == "local" else self.stack),
            *option("--redis", self.redis or None),
        )


@dataclass(frozen=True, kw_only=True)
class Output(OptionGroup):
    """Where the report goes, and what is printed."""

    out: options.Out = options.OUT
    quiet: options.Quiet = False
    as_json: options.AsJson = False
    textfile: options.Textfile = None
    no_color: options.NoColor = False

    def screen(self) -> Screen:
        """The run's screen; raises UsageError where the options contradict each other."""
        return options.screen_of(
            quiet=self.quiet,
            as_json=self.as_json,
            textfile=self.textfile,
            no_color=self.no_color,
        )


@dataclass(frozen=True, kw_only=True)
class OutputByCase(OptionGroup):
    """Where the report goes, and what is printed of a run of cases."""

    out: options.Out = options.OUT
    quiet: options.Quiet = False
    verbose: options.Verbose = False
    as_json: options.AsJson = False
    durations: options.Durations = 0
    textfile: options.Textfile = None
    no_color: options.NoColor = False

    def screen(self) -> Screen:
        """The run's screen; raises UsageError where the options contradict each other."""
        return options.screen_of(
            quiet=self.quiet,
            verbose=self.verbose,
            as_json=self.as_json,
            durations=self.durations,
            textfile=self.textfile,
            no_color=self.no_color,
        )


#: What a command that is given none of a group's options gets.
TARGET, SERVERS = WhichTarget(), WhoseServers()
OUTPUT, OUTPUT_BY_CASE = Output(), OutputByCase()


def with_groups(command: Callable[..., None]) -> Callable[..., None]:
    """The command as the command line sees it, its groups taken apart into their options."""
    signature = inspect.signature(command, eval_str=True)
    groups = {
        name: parameter.annotation
        for name, parameter in signature.parameters.items()
        if isinstance(parameter.annotation, type) and issubclass(parameter.annotation, OptionGroup)
    }

    @functools.wraps(command)
    def called(**given: Any) -> None:
        made = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**made, **given)

    apart = [
        each
        for name, parameter in signature.parameters.items()
        for each in (_fields_of(groups[name]) if name in groups else (parameter,))
    ]
    called.__annotations__ = {}
    called.__signature__ = signature.replace(parameters=apart)  # type: ignore[attr-defined]
    return called


def _fields_of(group: type[OptionGroup]) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(group, localns={"Path": Path}, include_extras=True)
    for field in fields(group):
        yield inspect.Parameter(
            field.name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=_default_of(field),
            annotation=hints[field.name],
        )


def _default_of(field: Field[Any]) -> Any:
    return inspect.Parameter.empty if field.default is MISSING else field.default
