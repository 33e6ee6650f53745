"""The terminal of a run: where people read, how much is told there, and whether JSON goes beside.

Everything that a run prints goes to one `Console`. A `Screen` is a console that also knows what the
command line wanted of it; a plain console is a screen of which nothing special is wanted.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from rich.console import Console
from rich.text import Text


class Verbosity(Enum):
    """How much a run tells while it runs and at its end."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What is wanted of a screen.

    `durations` is how many of the slowest cases are listed at the end. With `as_json` the report's
    JSON is all that goes to standard output: people read standard error then. `textfile` is where
    the run's metrics are written at its end (a load run's also meanwhile), for a text collector.
    """

    verbosity: Verbosity = Verbosity.NORMAL
    durations: int = 0
    as_json: bool = False
    color: bool = True
    textfile: Path | None = None


class Screen(Console):
    """A console of a command that has options for what it tells."""

    def __init__(self, telling: Telling) -> None:
        stream = sys.stderr if telling.as_json else None
        super().__init__(file=stream, no_color=None if telling.color else True)
        self.telling = telling


def print_stamped(console: Console, text: Text, *, began_s: float) -> None:
    """A line with the seconds since a run began, an instant of the monotonic clock."""
    stamp = Text(f"{time.monotonic() - began_s:7.1f}s  ")
    console.print(stamp + text, soft_wrap=True, highlight=False)


def telling_of(console: Console) -> Telling:
    """What is wanted of a console."""
    return console.telling if isinstance(console, Screen) else Telling()
