"""The live view of a run: what runs, what it waits for, what failed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from queueproof.reporting.model import CaseResult
from queueproof.reporting.text import shown_in_line
from queueproof.running.progress import Progress
from queueproof.verdicts import Verdict

_SHOWN = 6
_HEADLINE = 160
_STYLES = {
    Verdict.PASSED: "green",
    Verdict.PASSED_IN_PART: "green",
    Verdict.FAILED: "bold red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.ERROR: "bold magenta",
    Verdict.NOT_ASSESSED: "dim",
}
_LOUD = (Verdict.FAILED, Verdict.ERROR, Verdict.INCONCLUSIVE)


@contextmanager
def live_progress(console: Console) -> Iterator[Progress]:
    """A view that redraws itself on a terminal, and plain lines elsewhere."""
    if not console.is_terminal:
        yield PlainProgress(console)
        return
    view = LiveProgress(console)
    with Live(view, console=console, refresh_per_second=8, transient=True):
        yield view


class PlainProgress:
    """One line for each phase and each case that did not simply pass."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()

    def phase(self, text: str) -> None:
        """Print it."""
        self._say(Text(shown_in_line(text)))

    def planned(self, case_id: str, requirement: str, wait_s: float) -> None:
        """Nothing to print."""

    def started(self, case_id: str) -> None:
        """Nothing to print."""

    def finished(self, result: CaseResult) -> None:
        """Print what deserves attention."""
        if result.verdict in _LOUD:
            self._say(_headline(result))

    def _say(self, text: Text) -> None:
        stamp = Text(f"{time.monotonic() - self._began:7.1f}s  ")
        self._console.print(stamp + text, soft_wrap=True, highlight=False)


class LiveProgress:
    """Counts, a bar, and the cases that have been running longest."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._phase = "starting"
        self._planned: dict[str, tuple[str, float]] = {}
        self._running: dict[str, float] = {}
        self._counts: Counter[Verdict] = Counter()
        self._finished = 0

    def phase(self, text: str) -> None:
        """Show it at the top."""
        self._phase = shown_in_line(text)

    def planned(self, case_id: str, requirement: str, wait_s: float) -> None:
        """Remember it."""
        self._planned[case_id] = (requirement, wait_s)

    def started(self, case_id: str) -> None:
        """Show it as running."""
        self._running[case_id] = time.monotonic()

    def finished(self, result: CaseResult) -> None:
        """Count it; print what deserves attention above the view."""
        self._running.pop(result.id, None)
        self._counts[result.verdict] += 1
        self._finished += result.id in self._planned
        if result.verdict in _LOUD:
            self._console.print(_headline(result), highlight=False)

    def __rich__(self) -> RenderableType:
        elapsed_s = time.monotonic() - self._began
        waiting = len(self._planned) - self._finished - len(self._running)
        standing = f"{len(self._running)} running, {waiting} waiting"
        head = Text(f"{elapsed_s:6.1f}s  {self._phase}", style="bold") + Text(f"  {standing}")
        bar = ProgressBar(total=max(len(self._planned), 1), completed=self._finished, width=40)
        counts = Text("  ").join(
            Text(f"{number} {verdict.words}", style=_STYLES[verdict])
            for verdict, number in self._counts.items()
        )
        return Group(head, bar, counts, self._table())

    def _table(self) -> Table:
        now = time.monotonic()
        table = Table.grid(padding=(0, 2))
        oldest = sorted(self._running.items(), key=lambda entry: entry[1])
        for case_id, began in oldest[:_SHOWN]:
            requirement, wait_s = self._planned.get(case_id, ("", 0.0))
            waits = f"waits {wait_s:.0f} s" if wait_s else ""
            name = case_id.rsplit("::", 1)[-1].removeprefix("test_").replace("_", " ")
            table.add_row(Text(requirement), Text(f"{now - began:4.1f}s"), Text(waits), Text(name))
        if len(oldest) > _SHOWN:
            table.add_row(Text(f"… and {len(oldest) - _SHOWN} more running", style="dim"))
        return table


def _headline(result: CaseResult) -> Text:
    text = Text(f"{result.verdict.words} ", style=_STYLES[result.verdict])
    what = shown_in_line(result.actual or result.reason)[:_HEADLINE]
    return text + Text(f"{result.requirement}  {shown_in_line(result.title)}: {what}", style="")
