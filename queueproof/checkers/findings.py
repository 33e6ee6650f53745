"""What a checker says: for each thing it looked at, when that was and whether it holds.

A checker that found nothing to look at in a phase says nothing of it, so that a phase without
evidence is never taken for one that went well. What was looked at and told nothing (a monitor that
never answered, a request that was refused for a reason of its own) is doubtful, never held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from queueproof.verdicts import Verdict


class Status(Enum):
    """What became of one thing that was looked at."""

    HELD = "held"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One observation; `at_s` is its instant on the history's clock.

    `expected` and `actual` are set when it is broken, `actual` also when it is doubtful.
    """

    at_s: float
    status: Status = Status.HELD
    expected: str = ""
    actual: str = ""
    job: str = ""
    errand: int | None = None


def held(at_s: float, *, job: str = "") -> Finding:
    """Something that is as it should be."""
    return Finding(at_s=at_s, job=job)


def broken(
    at_s: float, *, expected: str, actual: str, job: str | None = "", errand: int | None = None
) -> Finding:
    """Something that the target got wrong."""
    return Finding(
        at_s=at_s,
        status=Status.BROKEN,
        expected=expected,
        actual=actual,
        job=job or "",
        errand=errand,
    )


def doubtful(at_s: float, *, actual: str, job: str | None = "") -> Finding:
    """Something that cannot be settled from what is known."""
    return Finding(at_s=at_s, status=Status.DOUBTFUL, actual=actual, job=job or "")


def only(findings: Iterable[Finding], status: Status) -> Iterator[Finding]:
    """The findings of one status."""
    return (finding for finding in findings if finding.status is status)


VERDICTS = {
    Status.HELD: Verdict.PASSED,
    Status.DOUBTFUL: Verdict.INCONCLUSIVE,
    Status.BROKEN: Verdict.FAILED,
}
