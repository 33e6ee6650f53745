"""What a person sees while variants are played, and at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from queueproof.verdicts import Verdict
from tests.faulty.catalogue import Variant
from tests.faulty.judging import Judgement, Played, judge
from tests.faulty.selection import Selection

_SIGNS = {Verdict.PASSED: ("✓", "green"), Verdict.FAILED: ("✗", "bold red")}
_OTHER_SIGN = ("!", "bold magenta")


class Teller:
    """Judges each variant as it is finished, and says so in a line."""

    def __init__(self, console: Console, progress: Progress, total: int) -> None:
        self.judgements: list[Judgement] = []
        self._console = console
        self._progress = progress
        self._task = progress.add_task("", total=total)
        self._running: dict[str, float] = {}

    def started(self, variant: Variant) -> None:
        """A gate or an outage begins."""
        self._running[variant.label] = time.monotonic()
        self._refresh()

    def finished(self, variant: Variant, played: Played) -> None:
        """A gate or an outage is over."""
        del self._running[variant.label]
        told = judge(variant, played)
        self.judgements.append(told)
        self._console.print(line_of(told), soft_wrap=True)
        self._progress.advance(self._task)
        self._refresh()

    def postponed(self, variant: Variant, left_open: frozenset[str]) -> None:
        """A gate or an outage is over, and comes again: it could not judge what it is about."""
        del self._running[variant.label]
        line = Text("? ", style="yellow")
        line.append(f"{variant.label:<42}")
        line.append(
            f"        could not judge {', '.join(sorted(left_open))}: asked again at the end"
        )
        self._console.print(line, soft_wrap=True)
        self._refresh()

    def _refresh(self) -> None:
        self._progress.update(self._task, description=", ".join(self._running))


@contextmanager
def teller(console: Console, total: int) -> Iterator[Teller]:
    """A bar on a terminal, plain lines elsewhere."""
    columns = (
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", style="dim"),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        yield Teller(console, bar, total)


def line_of(told: Judgement) -> Text:
    """One variant: what it fails, or what is wrong with that."""
    sign, style = _SIGNS.get(told.verdict, _OTHER_SIGN)
    line = Text(f"{sign} ", style=style)
    line.append(f"{told.variant.label:<42}", style="bold" if told.reason else "")
    line.append(f"{told.played.duration_s:>5.0f} s  ", style="dim")
    if told.reason:
        line.append(told.reason, style=style)
        return line
    fails = ", ".join(sorted(told.variant.fails))
    asked = len(told.played.verdicts)
    line.append(f"fails {fails}" if fails else "fails nothing")
    line.append(f" of {asked}", style="dim")
    if told.played.left_open:
        line.append(" · some of it on a second run", style="yellow")
    return line


def listing(variants: Sequence[Variant], selection: Selection) -> Table:
    """Every variant with what it must fail and how much is asked of it."""
    table = Table(box=None, pad_edge=False)
    for heading in ("variant", "kind", "asked", "must fail", "incident"):
        table.add_column(heading, overflow="fold")
    for variant in variants:
        table.add_row(
            variant.label,
            variant.kind.value,
            str(len(variant.played(selection))),
            " ".join(sorted(variant.fails)),
            variant.incident,
        )
    return table
