"""What a chaos run tells while it runs: which scenario is in which phase, and what was found."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from queueproof.chaos.outcome import ScenarioResult
from queueproof.chaos.scenario import Scenario
from queueproof.checkers.story import PHASES
from queueproof.reporting.text import shown_in_line
from queueproof.verdicts import Verdict

_STYLES = {
    Verdict.PASSED: "green",
    Verdict.PASSED_IN_PART: "green",
    Verdict.FAILED: "bold red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.ERROR: "bold magenta",
    Verdict.NOT_ASSESSED: "dim",
}
_WIDTH = 160


class ChaosProgress(Protocol):
    """Told about every step; must return at once."""

    def started(self, name: str, scenario: Scenario) -> None:
        """A scenario's stack is being brought up."""

    def phase(self, name: str, phase: str) -> None:
        """A scenario entered a phase."""

    def finished(self, name: str, result: ScenarioResult) -> None:
        """A scenario has its verdict."""


@contextmanager
def chaos_progress(console: Console, total: int) -> Iterator[ChaosProgress]:
    """A view that redraws itself on a terminal, and plain lines elsewhere."""
    if not console.is_terminal:
        yield PlainChaos(console)
        return
    view = LiveChaos(console, total)
    with Live(view, console=console, refresh_per_second=6, transient=True):
        yield view


class PlainChaos:
    """One line for each scenario that ended."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()

    def started(self, name: str, scenario: Scenario) -> None:
        """Nothing to print."""

    def phase(self, name: str, phase: str) -> None:
        """Nothing to print."""

    def finished(self, name: str, result: ScenarioResult) -> None:
        """Print its verdict."""
        stamp = Text(f"{time.monotonic() - self._began:7.1f}s  ")
        self._console.print(stamp + headline(name, result), soft_wrap=True, highlight=False)


class LiveChaos:
    """A bar, counts, and each running scenario with the phase it is in."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._began = time.monotonic()
        self._running: dict[str, tuple[Scenario, str, float]] = {}
        self._counts: Counter[Verdict] = Counter()

    def started(self, name: str, scenario: Scenario) -> None:
        """Show it."""
        self._running[name] = (scenario, "starting", time.monotonic())

    def phase(self, name: str, phase: str) -> None:
        """Show its phase."""
        scenario, _, _ = self._running[name]
        self._running[name] = (scenario, phase, time.monotonic())

    def finished(self, name: str, result: ScenarioResult) -> None:
        """Count it, and print its verdict above the view."""
        self._running.pop(name, None)
        self._counts[result.verdict] += 1
        self._console.print(headline(name, result), highlight=False)

    def __rich__(self) -> RenderableType:
        done = sum(self._counts.values())
        head = Text(f"{time.monotonic() - self._began:6.1f}s  {done} of {self._total} scenarios")
        counts = Text("  ").join(
            Text(f"{number} {verdict.words}", style=_STYLES[verdict])
            for verdict, number in self._counts.items()
        )
        bar = ProgressBar(total=max(self._total, 1), completed=done, width=40)
        return Group(head, bar, counts, self._table())

    def _table(self) -> Table:
        table, now = Table.grid(padding=(0, 2)), time.monotonic()
        for name, (scenario, phase, since) in self._running.items():
            at = PHASES.index(phase) + 1 if phase in PHASES else 0
            dots = "●" * at + "○" * (len(PHASES) - at)
            cells = (name, dots, f"{phase} {now - since:.0f} s", scenario.title)
            table.add_row(*(Text(cell) for cell in cells))
        return table


def headline(name: str, result: ScenarioResult) -> Text:
    """One scenario's verdict in a line."""
    verdict = result.verdict
    text = Text(f"{verdict.words:12} ", style=_STYLES[verdict])
    what = ", ".join(result.failing) or result.reason or result.doubt
    line = shown_in_line(f"{name}  {result.scenario.title}" + (f": {what}" if what else ""))
    return text + Text(line[:_WIDTH] + f"  {result.duration_s:.0f} s", style="")
