"""What fails side by side must fail alone, or in company that says why; nothing is invented."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from queueproof.exploring import shapes
from queueproof.exploring.model import Judgement, ModelFinding
from queueproof.exploring.shortening import Failure, Shortener
from queueproof.exploring.steps import Kind, Schedule, Step
from queueproof.exploring.trial import Trial

from .test_shrinking import LONG_WINDED

RULE = "one story"
FINDING = ModelFinding(rule=RULE, requirement="CANC-016", expected="no harm", actual="harm")
VICTIM: Schedule = (
    Step(Kind.SUBMIT, job=1, via="a", what=shapes.STEADY),
    Step(Kind.STREAM, job=1, via="b", stream=1),
    Step(Kind.READ_OUT, stream=1),
)
CULPRIT: Schedule = (
    Step(Kind.SUBMIT, job=1, via="a", what=shapes.LONG),
    Step(Kind.POLL, job=1, via="c"),
    Step(Kind.CANCEL, job=1, via="c"),
)


def broken(schedule: Schedule) -> Trial:
    return Trial(name="s", schedule=schedule, judgement=Judgement(findings=[FINDING]))


def shorten(
    schedule: Schedule,
    fails: Callable[[Schedule], bool],
    *,
    beside: Sequence[Schedule] = (),
    within_s: float = 10.0,
) -> Failure:
    """Shorten on a system where `fails` decides."""

    async def play(candidate: Schedule) -> Trial:
        await asyncio.sleep(0)
        return broken(candidate) if fails(candidate) else Trial(name="s", schedule=candidate)

    shortener = Shortener(
        play, broken(schedule), RULE, deadline=time.monotonic() + within_s, at_once=4
    )
    return asyncio.run(shortener.run(beside))


def has(schedule: Schedule, kind: Kind) -> bool:
    return any(step.kind is kind for step in schedule)


def test_what_fails_alone_is_short_and_replayed() -> None:
    """Three replays, one after another."""
    failure = shorten(LONG_WINDED, lambda schedule: has(schedule, Kind.CANCEL))

    assert [step.kind for step in failure.schedule] == [Kind.SUBMIT, Kind.CANCEL]
    assert (failure.seen, failure.played) == (3, 3)
    assert failure.finding == FINDING


def test_what_fails_in_company_only_is_shown_with_its_company() -> None:
    """The neighbour's cancel is part of the schedule then."""
    failure = shorten(
        VICTIM,
        lambda schedule: has(schedule, Kind.CANCEL) and has(schedule, Kind.READ_OUT),
        beside=[VICTIM, CULPRIT],
    )

    kinds = [step.kind for step in failure.schedule]
    assert sorted(kinds) == sorted(
        [Kind.SUBMIT, Kind.STREAM, Kind.SUBMIT, Kind.CANCEL, Kind.READ_OUT]
    )
    assert failure.seen == failure.played


def test_what_was_seen_once_is_told_as_such() -> None:
    """Neither hidden nor called reproducible."""
    failure = shorten(VICTIM, lambda _: False, beside=[CULPRIT])

    assert failure.schedule == VICTIM
    assert failure.seen == 0
    assert failure.finding == FINDING
