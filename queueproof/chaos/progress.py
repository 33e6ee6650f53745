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
from queueproof.checkers.outage_history import PHASES
from queueproof.reporting.text import shown_in_line
from queueproof.reporting.verdict_styles import VERDICT_STYLES
from queueproof.running.remaining import about
from queueproof.running.screen import Verbosity, print_stamped, telling_of
from queueproof.running.ticking import ticking
from queueproof.verdicts import Verdict

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
    """A view that redraws itself on a terminal, lines elsewhere, nothing where it is quiet."""
    verbosity = telling_of(console).verbosity
    if verbosity is Verbosity.QUIET:
        yield SilentChaos()
        return
    if not console.is_terminal:
        plain = PlainChaos(console, total, verbose=verbosity is Verbosity.VERBOSE)
        with ticking(plain.stand):
            yield plain
        return
    view = LiveChaos(console, total)
    with Live(view, console=console, refresh_per_second=6, transient=True):
        yield view


class SilentChaos:
    """Tells nothing."""

    def started(self, name: str, scenario: Scenario) -> None:
        """Ignored."""

    def phase(self, name: str, phase: str) -> None:
        """Ignored."""

    def finished(self, name: str, result: ScenarioResult) -> None:
        """Ignored."""


class PlainChaos:
    """One line for each scenario that ended, and every ten seconds; for each phase if wanted."""

    def __init__(self, console: Console, total: int = 0, *, verbose: bool = False) -> None:
        self._console = console
        self._total = total
        self._verbose = verbose
        self._began = time.monotonic()
        self._running: dict[str, str] = {}
        self._done = 0

    def started(self, name: str, scenario: Scenario) -> None:
        """Remember it."""
        self._running[name] = "starting"
        if self._verbose:
            self._say(Text(shown_in_line(f"{name} starts: {scenario.title}")))

    def phase(self, name: str, phase: str) -> None:
        """Remember where it is."""
        self._running[name] = phase
        if self._verbose:
            self._say(Text(shown_in_line(f"{name} {phase}")))

    def finished(self, name: str, result: ScenarioResult) -> None:
        """Print its verdict."""
        self._running.pop(name, None)
        self._done += 1
        self._say(headline(name, result))

    def stand(self) -> None:
        """Print how far the run is."""
        where = ", ".join(f"{name} {phase}" for name, phase in list(self._running.items()))
        words = standing_of(self._done, self._total, time.monotonic() - self._began)
        self._say(Text(shown_in_line(words + (f"; {where}" if where else ""))))

    def _say(self, text: Text) -> None:
        print_stamped(self._console, text, began_s=self._began)


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
        elapsed_s = time.monotonic() - self._began
        head = Text(f"{elapsed_s:6.1f}s  {standing_of(done, self._total, elapsed_s)}")
        counts = Text("  ").join(
            Text(f"{number} {verdict.words}", style=VERDICT_STYLES[verdict])
            for verdict, number in self._counts.items()
        )
        style = "red" if self._counts[Verdict.FAILED] else "green"
        bar = ProgressBar(
            total=max(self._total, 1),
            completed=done,
            width=40,
            complete_style=style,
            finished_style=style,
        )
        return Group(head, bar, counts, self._table())

    def _table(self) -> Table:
        table, now = Table.grid(padding=(0, 2)), time.monotonic()
        for name, (scenario, phase, since) in self._running.items():
            at = PHASES.index(phase) + 1 if phase in PHASES else 0
            dots = "●" * at + "○" * (len(PHASES) - at)
            cells = (name, dots, f"{phase} {now - since:.0f} s", scenario.title)
            table.add_row(*(Text(cell) for cell in cells))
        return table


def standing_of(done: int, total: int, elapsed_s: float) -> str:
    """How many scenarios have ended, and how long the others take if they take as long."""
    left = f", about {about(elapsed_s / done * (total - done))} left" if 0 < done < total else ""
    return f"{done} of {total} scenarios{left}"


def headline(name: str, result: ScenarioResult) -> Text:
    """One scenario's verdict in a line."""
    verdict = result.verdict
    text = Text(f"{verdict.words:12} ", style=VERDICT_STYLES[verdict])
    what = ", ".join(result.failing) or result.reason or result.doubt
    line = shown_in_line(f"{name}  {result.scenario.title}" + (f": {what}" if what else ""))
    return text + Text(line[:_WIDTH] + f"  {result.duration_s:.0f} s", style="")
