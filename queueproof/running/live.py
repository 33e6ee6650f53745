"""The live view of a run: how far it is, what runs, what it waits for, what failed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from queueproof.reporting.model import CaseResult
from queueproof.reporting.text import shown_in_line
from queueproof.reporting.verdict_styles import VERDICT_STYLES
from queueproof.running.progress import NullProgress, Progress
from queueproof.running.remaining import Remaining, about
from queueproof.running.screen import Verbosity, print_stamped, telling_of
from queueproof.running.ticking import ticking
from queueproof.verdicts import Verdict

_SHOWN = 6
_HEADLINE = 160
_LOUD = (Verdict.FAILED, Verdict.ERROR, Verdict.INCONCLUSIVE)


@contextmanager
def live_progress(
    console: Console, earlier: Mapping[str, float] | None = None
) -> Iterator[Progress]:
    """A view that redraws itself on a terminal, plain lines elsewhere, nothing where it is quiet.

    `earlier` are the seconds that the cases took in an earlier run.
    """
    verbosity = telling_of(console).verbosity
    if verbosity is Verbosity.QUIET:
        yield NullProgress()
        return
    remaining, verbose = Remaining(earlier or {}), verbosity is Verbosity.VERBOSE
    if not console.is_terminal:
        plain = PlainProgress(console, remaining, verbose=verbose)
        with ticking(plain.stand):
            yield plain
        return
    view = LiveProgress(console, remaining, verbose=verbose)
    with Live(view, console=console, refresh_per_second=8, transient=True):
        yield view


class PlainProgress:
    """One line for each phase, each case that did not simply pass, and every ten seconds."""

    def __init__(
        self, console: Console, remaining: Remaining | None = None, *, verbose: bool = False
    ) -> None:
        self._console = console
        self._remaining = remaining or Remaining({})
        self._verbose = verbose
        self._began = time.monotonic()

    def stand(self) -> None:
        """Print how far the run is, and what has been running longest."""
        words, running = self._remaining.words(), self._remaining.running
        if not words:
            return
        oldest = next(iter(running.items()), None)
        if oldest is not None:
            words += f"; longest: {_name(oldest[0])}, {about(oldest[1])}"
        self._say(Text(shown_in_line(words)))

    def phase(self, text: str) -> None:
        """Print it."""
        self._say(Text(shown_in_line(text)))

    def planned(self, case_id: str, requirement: str, wait_s: float) -> None:  # noqa: ARG002
        """Count it."""
        self._remaining.planned(case_id, wait_s)

    def started(self, case_id: str) -> None:
        """Remember since when it runs."""
        self._remaining.started(case_id)

    def postponed(self, case_id: str) -> None:
        """It waits again."""
        self._remaining.postponed(case_id)

    def finished(self, result: CaseResult) -> None:
        """Print what deserves attention, or everything that was asked for."""
        self._remaining.finished(result.id)
        if result.verdict in _LOUD:
            self._say(_headline(result))
        elif self._verbose:
            self._say(_ended(result))

    def _say(self, text: Text) -> None:
        print_stamped(self._console, text, began_s=self._began)


class LiveProgress:
    """Counts, a bar, the time that is left, and the cases that have been running longest."""

    def __init__(
        self, console: Console, remaining: Remaining | None = None, *, verbose: bool = False
    ) -> None:
        self._console = console
        self._remaining = remaining or Remaining({})
        self._verbose = verbose
        self._began = time.monotonic()
        self._phase = "starting"
        self._planned: dict[str, tuple[str, float]] = {}
        self._counts: Counter[Verdict] = Counter()

    def phase(self, text: str) -> None:
        """Show it at the top."""
        self._phase = shown_in_line(text)

    def planned(self, case_id: str, requirement: str, wait_s: float) -> None:
        """Remember it."""
        self._planned[case_id] = (requirement, wait_s)
        self._remaining.planned(case_id, wait_s)

    def started(self, case_id: str) -> None:
        """Show it as running."""
        self._remaining.started(case_id)

    def postponed(self, case_id: str) -> None:
        """Show it as waiting again."""
        self._remaining.postponed(case_id)

    def finished(self, result: CaseResult) -> None:
        """Count it; print what deserves attention, or everything that was asked for, above."""
        self._remaining.finished(result.id)
        self._counts[result.verdict] += 1
        if result.verdict in _LOUD:
            self._console.print(_headline(result), highlight=False)
        elif self._verbose:
            self._console.print(_ended(result), highlight=False)

    def __rich__(self) -> RenderableType:
        elapsed_s, total = time.monotonic() - self._began, max(self._remaining.total, 1)
        head = Text(f"{elapsed_s:6.1f}s  {self._phase}", style="bold")
        head.append(f"  {self._remaining.words()}", style="not bold")
        bar = ProgressBar(
            total=total,
            completed=self._remaining.done,
            width=40,
            complete_style="red" if self._counts[Verdict.FAILED] else "green",
            finished_style="red" if self._counts[Verdict.FAILED] else "green",
        )
        counts = Text("  ").join(
            Text(f"{number} {verdict.words}", style=VERDICT_STYLES[verdict])
            for verdict, number in self._counts.items()
        )
        cases = Text("cases: ", style="dim") + counts if self._counts else Text()
        return Group(head, bar, cases, self._table())

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        running = self._remaining.running
        for case_id, age_s in list(running.items())[:_SHOWN]:
            requirement, wait_s = self._planned.get(case_id, ("", 0.0))
            waits = f"waits {wait_s:.0f} s" if wait_s else ""
            cells = (requirement, f"{age_s:4.1f}s", waits, _name(case_id))
            table.add_row(*(Text(shown_in_line(cell)) for cell in cells))
        if len(running) > _SHOWN:
            table.add_row(Text(f"… and {len(running) - _SHOWN} more running", style="dim"))
        return table


def _name(case_id: str) -> str:
    return case_id.rsplit("::", 1)[-1].removeprefix("test_").replace("_", " ")


def _headline(result: CaseResult) -> Text:
    text = Text(f"{result.verdict.words} ", style=VERDICT_STYLES[result.verdict])
    what = shown_in_line(result.actual or result.reason)[:_HEADLINE]
    title = shown_in_line(result.title).rstrip(".")
    return text + Text(f"{result.requirement}  {title}: {what}", style="")


def _ended(result: CaseResult) -> Text:
    text = Text(f"{result.verdict.words} ", style=VERDICT_STYLES[result.verdict])
    why = f": {shown_in_line(result.reason)[:_HEADLINE]}" if result.reason else ""
    title = shown_in_line(result.title).rstrip(".")
    return text + Text(f"{result.requirement}  {title}{why}  {result.duration_s:.1f} s", style="")
