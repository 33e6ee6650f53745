"""Expectations about a boot that must not succeed: `expect_start(boot).to_be_refused(…)`.

A start can end well, end with an error, or hang. It counts as stopped for the right reason only
when what it printed says so: a start that fails over something else proves nothing.

Ordinary output names nearly everything: settings, services, versions. So a report is one line that
says both ends, what it is about and what is wrong with it, and that a good start does not print as
well. Programs frame what they print and wrap it at the terminal's width: what was one line before
that is read as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from queueproof.errors import Inconclusive
from queueproof.expectations import expect_that
from queueproof.stack.launcher import Boot
from queueproof.waiting import eventually

_FRAME = re.compile(r"^\s*[│┃|](?P<text>.*?)[│┃|]?\s*$")
_BORDER = re.compile(r"^[\s╭╰─╮╯+=-]*$")
_BLANKS = re.compile(r"\s+")
_CHANGING = re.compile(r"[0-9a-f]{8,}|\d+")
_REPORT_WITHIN_S = 2.0
#: Where programs wrap when they do not print to a terminal.
_WIDTH = 80


@dataclass(frozen=True)
class Report:
    """What one line must say: each of `says`, patterns for text in small letters."""

    says: tuple[re.Pattern[str], ...]

    def is_in(self, line: str) -> bool:
        """Whether a line says all of it."""
        return all(pattern.search(line) for pattern in self.says)


def report(*says: str) -> Report:
    """A report that says each of these regular expressions in one line, in any order."""
    return Report(tuple(re.compile(pattern) for pattern in says))


def expect_start(boot: Boot, *, usual: Iterable[Boot] = ()) -> StartExpectation:
    """Begin a statement about a start; what the `usual` good ones print as well is no report."""
    return StartExpectation(boot, usual)


class StartExpectation:
    """Statements about one start; each raises Violation when it does not hold."""

    def __init__(self, boot: Boot, usual: Iterable[Boot]) -> None:
        self._boot = boot
        self._usual = {_timeless(line) for good in usual for line in lines_of(good.output)}

    def to_be_stopped(self, *, expected: str, naming: str) -> None:
        """It does not serve; Inconclusive when it failed without naming `naming`."""
        self._must_not_serve(expected)
        if not self._names(naming):
            raise Inconclusive(f"the start failed over something else: {self._boot.last_lines}")

    def to_name_what_stopped_it(self, *, expected: str, naming: str) -> None:
        """It does not serve, and what it printed names `naming`."""
        self._must_not_serve(expected)
        expect_that(
            self._names(naming),
            expected=expected,
            actual=f"the start fails without naming {naming}: {self._how}",
        )

    def to_be_refused_clearly(self, *, expected: str, report: Report) -> None:
        """It does not serve, and one line that it printed is the `report`."""
        self._must_not_serve(expected)
        expect_that(
            self._reported(report, ()),
            expected=expected,
            actual=f"the start fails, and no line of its output says so: {self._how}",
        )

    async def to_be_refused_or_reported(
        self, *, expected: str, report: Report, beside: tuple[Boot, ...] = ()
    ) -> None:
        """Serving or not, a line of its output, or of a boot `beside` it, is the `report`."""

        async def said() -> bool:
            return self._reported(report, beside)

        _, reported = await eventually(said, bool, within_s=_REPORT_WITHIN_S)
        if not (reported or self._boot.serving):
            raise Inconclusive(f"the start failed over something else: {self._boot.last_lines}")
        expect_that(reported, expected=expected, actual=self._how)

    def _reported(self, report: Report, beside: tuple[Boot, ...]) -> bool:
        return any(
            report.is_in(line) for boot in (self._boot, *beside) for line in self._unusual(boot)
        )

    def _names(self, naming: str) -> bool:
        wanted = _squeezed(naming)
        return wanted in "".join(_squeezed(line) for line in self._unusual(self._boot))

    def _unusual(self, boot: Boot) -> Iterator[str]:
        return (line for line in lines_of(boot.output) if _timeless(line) not in self._usual)

    def _must_not_serve(self, expected: str) -> None:
        expect_that(not self._boot.serving, expected=expected, actual=self._how)

    @property
    def _how(self) -> str:
        boot = self._boot
        if boot.serving:
            return f"it serves after {boot.took_s:.1f} s and says nothing of it"
        if boot.child.exit_code is None:
            return f"it neither serves nor ends within {boot.took_s:.0f} s: {boot.last_lines}"
        return f"it ends with exit code {boot.child.exit_code}: {boot.last_lines}"


def lines_of(output: str) -> list[str]:
    """The lines of an output as they were before they were framed or wrapped, in small letters."""
    lines: list[str] = []
    before = ""
    for physical in output.splitlines():
        framed = _FRAME.match(physical)
        text = _BLANKS.sub(" ", framed["text"] if framed else physical).strip()
        if text and not _BORDER.match(text):
            goes_on = _FRAME.match(before) if framed else _was_wrapped(before, text)
            lines.append(f"{lines.pop()} {text}" if lines and goes_on else text)
            before = physical
        else:
            before = ""
    return [line.lower() for line in lines]


def _was_wrapped(before: str, text: str) -> bool:
    """Whether the first word of `text` would not have fitted on the line before."""
    length = len(before.rstrip())
    return 0 < length <= _WIDTH < length + 1 + len(text.split(" ", 1)[0])


def _squeezed(text: str) -> str:
    return _BLANKS.sub("", text).lower()


def _timeless(line: str) -> str:
    """A line without what changes from start to start: times, ports, process numbers."""
    return _CHANGING.sub("#", line)
