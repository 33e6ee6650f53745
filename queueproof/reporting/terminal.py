"""The end of a run as a terminal shows it: what failed first, where the report is last.

Every failure is told in one shape, so that the person who has to fix the target finds
requirement, expected, actual, trace and reproduction in the same place each time. Texts are
placed as they are, never parsed as console markup, and lines are folded under their own column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.style import Style
from rich.styled import Styled
from rich.text import Text

from queueproof.reporting import digest, what_broke
from queueproof.reporting.figures import figures_of
from queueproof.reporting.folding import folded, folded_command
from queueproof.reporting.model import (
    LEFT_BEHIND,
    CaseResult,
    RequirementResult,
    RunResult,
    Standing,
)
from queueproof.reporting.outages import heading_of
from queueproof.reporting.quantities import line_of
from queueproof.reporting.text import clipped, seconds, shown, shown_in_line
from queueproof.reporting.verdict_styles import VERDICT_STYLES
from queueproof.reporting.what_broke import BrokenPromise
from queueproof.verdicts import Verdict

_FIELD_LIMIT = 800
_TRACE_LINES = 10
_LABEL_WIDTH = 10
_LEAST_WIDTH = 20


@dataclass(frozen=True)
class Hanging:
    """A head and a text beside it, folded to the console's width under its own first column.

    A `command` is folded so that it can be copied.
    """

    head: Text
    body: str
    style: str = ""
    command: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lines without trailing blanks, none wider than the console."""
        indent = self.head.cell_len
        fold = folded_command if self.command else folded
        for number, line in enumerate(fold(self.body, max(options.max_width - indent, 20))):
            yield (self.head if number == 0 else Text(" " * indent)) + Text(line, self.style)


def render(result: RunResult, *, report: Path | None = None, brief: bool = False) -> RenderableType:
    """The closing words of a run; `report` is named as the place to read on.

    In `brief`, the verdict and that place are all.
    """
    told = () if brief else _findings(result)
    return Group(*_first(result), *told, *_end(result, report))


def slowest(result: RunResult, number: int) -> RenderableType:
    """The cases that took longest, with their seconds."""
    cases = {case.id: case for row in result.requirements for case in row.cases}
    longest = sorted(cases.values(), key=lambda case: -case.duration_s)[:number]
    lines = [
        Hanging(Text(f"{case.duration_s:8.2f} s  "), f"{case.requirement}  {case.title}")
        for case in longest
    ]
    return Group(Text(f"slowest {len(lines)} of {len(cases)} cases", style="dim"), *lines)


def _first(result: RunResult) -> Iterator[RenderableType]:
    for note in digest.standstills(result):
        yield Hanging(Text("! ", style="bold red"), shown_in_line(note, limit=_FIELD_LIMIT))
    if digest.standstills(result):
        yield Text()


def _findings(result: RunResult) -> Iterator[RenderableType]:
    promises = what_broke.promises_broken(result)
    for broken in promises:
        yield from _broken_by_outages(broken)
    for row, case in digest.cases_with(result, Verdict.FAILED):
        if not promises and result.acceptance_of(case) is None:
            yield from _failure(row, case)
    for verdict in (Verdict.INCONCLUSIVE, Verdict.ERROR):
        yield from _doubts(result, verdict)
    yield from _entries(result)
    yield from _quantities(result)
    yield from _in_part(result)
    yield from _unassessed(result)
    yield from _baseline(result)
    for note in result.coverage.notes:
        if note.startswith(LEFT_BEHIND):
            yield Hanging(Text("! ", style="bold yellow"), shown_in_line(note, limit=_FIELD_LIMIT))


def _end(result: RunResult, report: Path | None) -> Iterator[RenderableType]:
    if result.run.interrupted:
        yield _labelled("interrupted", result.run.interrupted, indent=0)
    yield _closing_line(result)
    if report is not None:
        place = Hanging(_label("report", 0), shown(str(report), limit=_FIELD_LIMIT))
        yield Styled(place, Style(link=report.absolute().as_uri()))


def _broken_by_outages(broken: BrokenPromise) -> Iterator[RenderableType]:
    """A requirement, a line for each outage that broke it, and what was seen in the first."""
    yield _title(broken.row, Verdict.FAILED)
    if broken.row.promise:
        yield _labelled("promised", broken.row.promise)
    for outage in broken.outages:
        yield _labelled("outage", outage)
    yield from _evidence(broken.first)
    for command in broken.commands:
        yield Hanging(_label("reproduce"), shown(command, limit=_FIELD_LIMIT), command=True)
    yield Text()


def _failure(row: RequirementResult, case: CaseResult) -> Iterator[RenderableType]:
    yield _title(row, Verdict.FAILED)
    if len(row.cases) > 1:
        yield _labelled("case", case.id)
    if row.promise:
        yield _labelled("promised", row.promise)
    yield from _evidence(case)
    yield from _reproduction(case)


def _evidence(case: CaseResult) -> Iterator[RenderableType]:
    yield _labelled("expected", case.expected)
    if case.actual:
        yield _labelled("actual", case.actual)
    if evidence := [*case.history_refs, *digest.shortened(case.trace, _TRACE_LINES)]:
        yield _labelled("trace", "\n".join(clipped(line, _FIELD_LIMIT) for line in evidence), None)


def _reproduction(case: CaseResult) -> Iterator[RenderableType]:
    if case.reproduce:
        command = shown(case.reproduce, limit=_FIELD_LIMIT)
        yield Hanging(_label("reproduce"), command, command=True)
    yield Text()


def _doubts(result: RunResult, verdict: Verdict) -> Iterator[RenderableType]:
    for row, case in digest.cases_with(result, verdict):
        yield _title(row, verdict)
        if len(row.cases) > 1:
            yield _labelled("case", case.id)
        yield _labelled(verdict.words, case.reason or "no reason recorded", indent=2)
        yield from _reproduction(case)


def _entries(result: RunResult) -> Iterator[RenderableType]:
    for entry in digest.entries(result):
        verdict = digest.entry_verdict(entry)
        head = Text(f"{digest.SYMBOLS[verdict]} {verdict.words:<13}", style=VERDICT_STYLES[verdict])
        yield Hanging(head, shown_in_line(heading_of(entry), limit=_FIELD_LIMIT))
        for line in figures_of(entry):
            yield Hanging(Text("  "), shown_in_line(line, limit=_FIELD_LIMIT))
    if digest.entries(result):
        yield Text()


def _quantities(result: RunResult) -> Iterator[RenderableType]:
    """A line a quantity."""
    for quantity in result.quantities:
        yield Hanging(Text("  "), shown_in_line(line_of(quantity), limit=_FIELD_LIMIT), "dim")
    if result.quantities:
        yield Text()


def _in_part(result: RunResult) -> Iterator[RenderableType]:
    """What passed in part: a line a case that was not asked."""
    rows = digest.rows_with(result, Verdict.PASSED_IN_PART)
    for row in rows:
        head = Text(f"{digest.SYMBOLS[Verdict.PASSED_IN_PART]} passed in part  ", style="green")
        yield Hanging(head, shown_in_line(f"{row.id} {row.sentence}", limit=_FIELD_LIMIT))
        for told in digest.unasked_of(row):
            text = shown_in_line(f"not asked: {told}", limit=_FIELD_LIMIT)
            yield Hanging(Text(" " * head.cell_len), text, "dim")
    if rows:
        yield Text()


def _unassessed(result: RunResult) -> Iterator[RenderableType]:
    groups = digest.unassessed(result)
    if not groups:
        return
    yield Text("not assessed", style="bold")
    for reason, ids in groups.items():
        head = Text(f"  {len(ids):>3}  ")
        yield Hanging(head, shown_in_line(reason, limit=_FIELD_LIMIT))
        names = shown_in_line(", ".join(ids), limit=_FIELD_LIMIT)
        yield Hanging(Text(" " * head.cell_len), names, "dim")
    yield Text()


def _baseline(result: RunResult) -> Iterator[RenderableType]:
    """Known failures in a line each, entries that are out of date after them."""
    for entry in result.baseline or ():
        told = entry.standing is not Standing.UNASKED
        style = VERDICT_STYLES[Verdict.FAILED if entry.fails_the_run else Verdict.NOT_ASSESSED]
        head = Text(f"{entry.standing.value:<10}", style=style)
        if told:
            accepted = entry.standing is Standing.ACCEPTED
            words = entry.words if accepted else entry.note
            yield Hanging(head, shown_in_line(f"{entry.id} {words}", limit=_FIELD_LIMIT))
    if result.baseline:
        yield Text()


def _title(row: RequirementResult, verdict: Verdict) -> RenderableType:
    head = Text()
    head.append(shown_in_line(row.id), style=VERDICT_STYLES[verdict])
    head.append(f" {shown_in_line(row.level)}  ", style="bold")
    return Hanging(head, shown_in_line(row.sentence, limit=_FIELD_LIMIT))


def _labelled(
    label: str, text: str, limit: int | None = _FIELD_LIMIT, *, indent: int = 2
) -> RenderableType:
    return Hanging(_label(label, indent), shown(text, limit=limit))


def _label(label: str, indent: int = 2) -> Text:
    return Text(" " * indent + label.ljust(max(_LABEL_WIDTH, len(label) + 1)), style="dim")


def _closing_line(result: RunResult) -> RenderableType:
    words = result.verdict.words
    width = max(_LABEL_WIDTH, len(words) + 1)
    head = Text(words.ljust(width), style=VERDICT_STYLES[result.verdict])
    counts = result.counts()
    told = [
        f"{counts[verdict.value]} {verdict.words}"
        for verdict in digest.READING_ORDER
        if counts[verdict.value]
    ]
    found = f"requirements: {', '.join(told)}" if told else digest.headline(result)
    if share := digest.share(result):
        found += f" · {share}"
    took = seconds(result.run.duration_s)
    return Hanging(head, f"{found} · {took} · exit {int(result.exit_code)}")
