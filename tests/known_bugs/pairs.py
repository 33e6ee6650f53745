"""The pairs, read from pairs.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("pairs.toml")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One bug; `bad` and `good` are the arguments of `queueproof lab` for a release each.

    `every_push`: the one of its library that CI shows with every push.
    """

    id: str
    requirement: str
    bug: str
    report: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    every_push: bool = False


def load_pairs() -> tuple[Pair, ...]:
    """Every pair, in the order of the file."""
    rows = tomllib.loads(_FILE.read_text("utf-8"))["pair"]
    return tuple(
        Pair(**{**row, "bad": tuple(row["bad"]), "good": tuple(row["good"])}) for row in rows
    )
