"""How a case judges a start that must not succeed: `expect_start(boot).to_be_refused(…)`.

A start can end well, end with an error, or hang. It counts as stopped for the right reason only
when what it printed names that reason: a start that fails over something else proves nothing.
Programs wrap and frame what they print, so it is read without blanks, frames and case.
"""

from __future__ import annotations

import re

from queueproof.errors import Inconclusive
from queueproof.expectations import expect_that
from queueproof.stack.launcher import Boot
from queueproof.waiting import eventually

_BETWEEN_WORDS = re.compile(r"[\s│┃|╭╰─╮╯]+")
_REPORT_WITHIN_S = 2.0


def expect_start(boot: Boot) -> StartExpectation:
    """Begin a statement about a start."""
    return StartExpectation(boot)


class StartExpectation:
    """Statements about one start; each raises Violation when it does not hold."""

    def __init__(self, boot: Boot) -> None:
        self._boot = boot

    def to_be_stopped(self, *, expected: str, naming: str) -> None:
        """It does not serve; Inconclusive when it failed without naming `naming`."""
        self._must_not_serve(expected)
        if _squeezed(naming) not in _squeezed(self._boot.output):
            raise Inconclusive(f"the start failed over something else: {self._boot.last_lines}")

    def to_be_refused_clearly(self, *, expected: str, naming: tuple[str, ...]) -> None:
        """It does not serve, and what it printed names every one of `naming`."""
        self._must_not_serve(expected)
        said = _squeezed(self._boot.output)
        missing = [word for word in naming if _squeezed(word) not in said]
        expect_that(
            not missing,
            expected=expected,
            actual=f"the start fails without naming {' and '.join(missing)}: {self._how}",
        )

    async def to_be_refused_or_reported(
        self, *, expected: str, report: re.Pattern[str], beside: tuple[Boot, ...] = ()
    ) -> None:
        """Serving or not, its output, or that of a boot `beside` it, matches `report`."""

        async def said() -> bool:
            return any(report.search(_squeezed(boot.output)) for boot in (self._boot, *beside))

        _, reported = await eventually(said, bool, within_s=_REPORT_WITHIN_S)
        if not (reported or self._boot.serving):
            raise Inconclusive(f"the start failed over something else: {self._boot.last_lines}")
        expect_that(reported, expected=expected, actual=self._how)

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


def _squeezed(text: str) -> str:
    return _BETWEEN_WORDS.sub("", text).lower()
