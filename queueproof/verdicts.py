"""What a run may conclude: verdicts in order of gravity, and the exit codes they lead to.

The set is closed and ordered, so that a group's verdict is simply its worst member's. A
violation outranks a doubt (`failed` above `inconclusive`): one proven fault is not excused by
something else that could not be settled. Our own errors outrank everything, since a broken
instrument proves nothing.

A requirement of which one case passed and another was not asked has *passed in part*: half a
promise is not the promise. For the run it counts as little as what was not asked at all, unless
`--strict` says that everything must be asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, IntEnum


class Verdict(Enum):
    """The conclusion about one case, one requirement or one run."""

    NOT_ASSESSED = "not_assessed"
    PASSED_IN_PART = "passed_in_part"
    PASSED = "passed"
    INCONCLUSIVE = "inconclusive"
    FAILED = "failed"
    ERROR = "error"

    @property
    def gravity(self) -> int:
        """Position in the order; a higher one wins."""
        return _ORDER.index(self)

    @property
    def unblemished(self) -> bool:
        """Whether what was asked passed, be it in part."""
        return self in (Verdict.PASSED, Verdict.PASSED_IN_PART)

    @property
    def words(self) -> str:
        """The verdict as people read it."""
        return self.value.replace("_", " ")


class ExitCode(IntEnum):
    """What the process returns (DESIGN, idea 7)."""

    PASSED = 0
    FAILED = 1
    USAGE = 2
    INCONCLUSIVE = 3
    UNREACHABLE = 4
    INTERNAL = 5


_ORDER = tuple(Verdict)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of `verdicts`; of none at all, `NOT_ASSESSED`."""
    return max(verdicts, key=lambda verdict: verdict.gravity, default=Verdict.NOT_ASSESSED)


def worst_of_cases(verdicts: Iterable[Verdict]) -> Verdict:
    """A requirement's verdict from those of its cases: passed only when each of them passed."""
    given = list(verdicts)
    gravest = worst(given)
    if gravest is Verdict.PASSED and Verdict.NOT_ASSESSED in given:
        return Verdict.PASSED_IN_PART
    return gravest


def exit_code_for(verdict: Verdict) -> ExitCode:
    """The exit code of a run that reached `verdict`.

    A run that assessed nothing has proven nothing, hence is inconclusive, never a success.
    """
    return {
        Verdict.PASSED: ExitCode.PASSED,
        Verdict.PASSED_IN_PART: ExitCode.PASSED,
        Verdict.FAILED: ExitCode.FAILED,
        Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
        Verdict.NOT_ASSESSED: ExitCode.INCONCLUSIVE,
        Verdict.ERROR: ExitCode.INTERNAL,
    }[verdict]
