"""What an exploration tells while it runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from queueproof.exploring.model import ModelFinding
from queueproof.reporting.text import shown_in_line
from queueproof.running.screen import Verbosity, telling_of
from queueproof.running.ticking import ticking


class Watcher(Protocol):
    """Told about every step; must return at once."""

    def phase(self, text: str) -> None:
        """The exploration entered another phase."""

    def played(self, number: int, doubts: int) -> None:
        """So many schedules have been played, so many of them without a conclusion."""

    def found(self, finding: ModelFinding) -> None:
        """Something that may not be was seen."""

    def shrinking(self, rule: str, steps: int) -> None:
        """A failing schedule of so many steps is being made short."""


class Silent:
    """Tells nothing."""

    def phase(self, text: str) -> None:
        """Ignored."""

    def played(self, number: int, doubts: int) -> None:
        """Ignored."""

    def found(self, finding: ModelFinding) -> None:
        """Ignored."""

    def shrinking(self, rule: str, steps: int) -> None:
        """Ignored."""


class LiveWatcher:
    """One line that redraws itself on a terminal, a line an event elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._phase = "starting"
        self._counts = ""

    def phase(self, text: str) -> None:
        """Show it."""
        self._phase = shown_in_line(text)
        if not self._console.is_terminal:
            self._say(text)

    def played(self, number: int, doubts: int) -> None:
        """Count them."""
        self._counts = f"{number} schedules played" + (f", {doubts} in doubt" if doubts else "")

    def found(self, finding: ModelFinding) -> None:
        """Print it at once."""
        self._say(f"found {finding.requirement}: {finding.actual}", style="bold red")

    def shrinking(self, rule: str, steps: int) -> None:
        """A phase of its own."""
        self.phase(f"making {steps} steps shorter ({rule})")

    def stand(self) -> None:
        """Print how far the exploration is."""
        self._say(f"{self._phase}, {self._counts or 'nothing played yet'}")

    def __rich__(self) -> RenderableType:
        return self._stamp() + Text(self._phase, style="bold") + Text(f"  {self._counts}")

    def _stamp(self) -> Text:
        return Text(f"{time.monotonic() - self._began:7.1f}s  ")

    def _say(self, text: str, *, style: str = "") -> None:
        line = self._stamp() + Text(shown_in_line(text), style)
        self._console.print(line, soft_wrap=True, highlight=False)


@contextmanager
def watched(console: Console) -> Iterator[Watcher]:
    """A view on `console` for the body's duration."""
    if telling_of(console).verbosity is Verbosity.QUIET:
        yield Silent()
        return
    view = LiveWatcher(console)
    if not console.is_terminal:
        with ticking(view.stand):
            yield view
        return
    with Live(view, console=console, refresh_per_second=4, transient=True):
        yield view
