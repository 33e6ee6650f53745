"""Shrinking on a system that does not exist: a function says which schedules fail."""

from __future__ import annotations

import asyncio

from queueproof.exploring import shapes
from queueproof.exploring.machine import Scope, write_schedules
from queueproof.exploring.shrinking import mixtures, shrink
from queueproof.exploring.steps import Kind, Schedule, Step, playable

SCOPE = Scope(workers="abc", shapes=(shapes.QUICK, shapes.STEADY, shapes.LONG), other=True)
LONG_WINDED: Schedule = (
    Step(Kind.SUBMIT, job=1, via="a", what=shapes.SILENT),
    Step(Kind.SUBMIT, job=2, via="b", what=shapes.STEADY),
    Step(Kind.WAIT, what=shapes.WHILE),
    Step(Kind.POLL, job=1, via="c"),
    Step(Kind.STREAM, job=2, via="b", stream=1),
    Step(Kind.CANCEL, job=1, via="a"),
    Step(Kind.READ_OUT, stream=1),
    Step(Kind.POLL_OUT, job=2, via="abc"),
    Step(Kind.POLL, job=2, via="c"),
)


async def polled_on_two_workers(schedule: Schedule) -> bool:
    """The fault of a cursor a worker: it shows where the last polls are on different workers."""
    await asyncio.sleep(0)
    ends = [step for step in schedule if step.kind is Kind.POLL_OUT]
    return any(
        step.kind is Kind.POLL and end.job == step.job and step.via not in end.via[:1]
        for end in ends
        for step in schedule[schedule.index(end) :]
    )


def shrunk(schedule: Schedule, *, within_s: float = 10.0) -> Schedule:
    return asyncio.run(shrink(schedule, polled_on_two_workers, within_s=within_s))


def test_only_what_the_fault_needs_is_left() -> None:
    """One job, polled to its end, polled again elsewhere; the plainest probe."""
    short = shrunk(LONG_WINDED)

    assert [step.kind for step in short] == [Kind.SUBMIT, Kind.POLL_OUT, Kind.POLL]
    assert short[0].what == shapes.QUICK
    assert len(short[1].via) == 1


def test_without_time_the_failing_schedule_itself_is_kept() -> None:
    """Nothing is claimed that was not seen to fail."""
    assert shrunk(LONG_WINDED, within_s=0.0) == LONG_WINDED


def test_a_candidate_that_cannot_be_played_is_no_failure() -> None:
    """An exception in a play proves nothing about the target."""

    async def always_breaks(schedule: Schedule) -> bool:
        raise OSError("the target is gone")

    assert asyncio.run(shrink(LONG_WINDED, always_breaks, within_s=5.0)) == LONG_WINDED


def test_a_step_without_its_job_or_stream_goes_too() -> None:
    """What is left can always be played."""
    assert playable(LONG_WINDED[1:]) == tuple(step for step in LONG_WINDED[1:] if step.job != 1)
    without_stream = (*LONG_WINDED[:4], *LONG_WINDED[5:])
    assert Step(Kind.READ_OUT, stream=1) not in playable(without_stream)


def test_what_two_schedules_do_to_each_other_one_can_do() -> None:
    """Mixed, their jobs keep apart; those that end jobs are tried first."""
    harmless = (Step(Kind.SUBMIT, job=1, via="a", what=shapes.QUICK),)
    ending = (*harmless, Step(Kind.CANCEL, job=1, via="b"))

    first = next(mixtures(LONG_WINDED, [harmless, ending]))

    assert Step(Kind.CANCEL, job=11, via="b") in first
    assert playable(first) == first


def test_a_seed_writes_the_same_schedules_again() -> None:
    """Other seeds write others; all of them can be played as they are."""
    schedules = write_schedules(SCOPE, seed=7, number=20)

    assert schedules == write_schedules(SCOPE, seed=7, number=20)
    assert schedules != write_schedules(SCOPE, seed=8, number=20)
    assert len(schedules) >= 15
    assert all(playable(schedule) == schedule for schedule in schedules)


def test_what_was_not_allowed_is_not_written() -> None:
    """No flush, no kill, no look at a monitor without the access for it."""
    kinds = {
        step.kind for schedule in write_schedules(SCOPE, seed=7, number=60) for step in schedule
    }

    assert kinds.isdisjoint({Kind.FLUSH, Kind.KILL, Kind.PAUSE, Kind.LOOK})
    assert {Kind.SUBMIT, Kind.POLL, Kind.STREAM, Kind.DROP, Kind.CANCEL} <= kinds
