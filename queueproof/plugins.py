"""Plugins: what other distributions add by entry points, and folders named on the command line.

Each *source* of suites, scenarios or profiles has a prefix, so that names of two sources cannot
meet: requirements and scenarios are `PREFIX-…`, faults and profiles `prefix.…`. An installed
source's prefix is the name of its entry point; a folder's is what its names share. What is given
twice, or cannot be loaded, is a UsageError of one line that names the distribution.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from queueproof.errors import QueueproofError, UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

#: What can be added, and the entry-point group of each (docs/extending.md).
KINDS = ("contracts", "faults", "profiles", "scenarios", "suites", "writers")
_PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,15}")
_FOLDERS: dict[str, tuple[Path, ...]] = {}


@dataclass(frozen=True)
class Plugin:
    """One entry point of an installed distribution; `origin` is how a person knows it."""

    name: str
    origin: str
    point: EntryPoint

    def load(self) -> Any:
        """What it points at; raises UsageError where that cannot be loaded."""
        try:
            return self.point.load()
        except QueueproofError as error:
            raise UsageError(f"plugin {self.name} ({self.origin}): {error}") from error
        except Exception as error:
            said = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise UsageError(
                f"plugin {self.name} ({self.origin}) cannot be loaded: {said}"
            ) from error


@dataclass(frozen=True)
class Form:
    """How names of one kind look in other sources: group 1 of the pattern is the prefix."""

    pattern: str
    example: str


REQUIREMENT = Form(r"([A-Z][A-Z0-9]{1,15})-[A-Z]{2,8}-\d{3}", "ACME-POLL-001")
SCENARIO = Form(r"([A-Z][A-Z0-9]{1,15})-CHAOS-\d{3}", "ACME-CHAOS-001")
NAME = Form(r"([a-z][a-z0-9]{1,15})\.[a-z0-9_-]+", "acme.nightly")


@dataclass(frozen=True)
class Source:
    """Suites, scenarios or profiles from outside; `prefix` is empty where any will do."""

    folder: Path
    origin: str
    prefix: str = ""

    def claim(self, names: Iterable[str], form: Form) -> None:
        """Raise UsageError unless all these names have one prefix, and it is this source's own."""
        prefix = self.prefix
        for each in names:
            match = re.fullmatch(form.pattern, each)
            if match is None or match[1].upper() != (prefix or match[1].upper()):
                said = f"begin with {prefix}" if prefix and match else f"look like {form.example}"
                raise UsageError(f"{self.origin}: the name {each} must {said}")
            prefix = match[1].upper()


@cache
def plugins(kind: str) -> tuple[Plugin, ...]:
    """The installed plugins of one kind; raises UsageError where two have one name."""
    from importlib.metadata import entry_points

    assert kind in KINDS, kind
    found: dict[str, Plugin] = {}
    for point in entry_points(group=f"queueproof.{kind}"):
        told = point.dist
        origin = f"{told.name} {told.version}" if told is not None else point.value
        other = found.setdefault(point.name, Plugin(point.name, origin, point))
        if other.point.value != point.value:
            raise UsageError(
                f"two plugins add {kind} as {point.name}: {other.origin} and {origin}; "
                "uninstall one of them"
            )
    return tuple(found[name] for name in sorted(found))


def use_folders(kind: str, folders: Iterable[Path]) -> None:
    """Add these folders to the sources of one kind, for the rest of the process.

    Raises UsageError for what is no folder.
    """
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"--{kind} {folder}: no such folder")
    _FOLDERS[kind] = tuple(dict.fromkeys(folder.resolve() for folder in folders))


def sources(kind: str) -> tuple[Source, ...]:
    """Every source of one kind besides our own: installed ones, then folders as given.

    An entry point names a package; the source is its folder. Raises UsageError.
    """
    installed = tuple(_installed(plugin, kind) for plugin in plugins(kind))
    folders = _FOLDERS.get(kind, ())
    return (*installed, *(Source(folder, f"--{kind} {folder}") for folder in folders))


@cache
def _installed(plugin: Plugin, kind: str) -> Source:
    prefix = plugin.name.upper()
    if not _PREFIX.fullmatch(prefix):
        raise UsageError(
            f"plugin {plugin.name} ({plugin.origin}): its name is the prefix of its {kind}: two to "
            "sixteen letters and digits"
        )
    where = getattr(plugin.load(), "__path__", None)
    if not where:
        raise UsageError(f"plugin {plugin.name} ({plugin.origin}): {kind} are a package's folder")
    return Source(Path(next(iter(where))), f"plugin {plugin.name} ({plugin.origin})", prefix)
