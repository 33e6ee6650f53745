"""A target that has stopped beginning jobs is told once, and no case is held against it."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.case_helpers.plain_job import PlainStart, StartOutcome, has_begun
from queueproof.history import EventKind, current_case
from queueproof.running import standstill
from queueproof.running.standstill import MetStandstill
from queueproof.targets.system import jobs_of_case

from .stopping_target import SEEN, A, B, Target, play, read
from .stopping_target import target as target


def test_what_a_case_saw_of_a_worker_that_has_stopped_is_nobodys(target: Target) -> None:
    async def scenario() -> None:
        target.note("suites/x.py::test_before", A, 1.0, EventKind.TICK)
        missed = target.note("suites/x.py::test_met", A, 5.0)
        target.deaf = {"a"}

        told = await target.judge(missed)

        assert isinstance(told, MetStandstill)
        assert str(told) == (
            "worker a accepts jobs and begins none since 5.0 s into the run; the last that began "
            "was submitted at 1.0 s by test_before, the first that did not by test_met; the case "
            "saw: expected this; actual that"
        )
        assert [each.worker for each in target.watch.seen] == ["a"]
        assert target.watch.stopped(target.system) == tuple(target.watch.seen)

    play(scenario)


def test_a_worker_that_begins_the_next_job_has_not_stopped(target: Target) -> None:
    """What the case saw stands."""

    async def scenario() -> None:
        target.note("before", A, 1.0, EventKind.TICK)

        assert await target.judge(target.note("met", A, 5.0)) is SEEN
        assert target.asked == ["a"]
        assert target.watch.seen == []

    play(scenario)


def test_a_worker_that_never_began_a_job_has_not_stopped(target: Target) -> None:
    """It is as it always was: each case's to judge, without another look."""

    async def scenario() -> None:
        target.deaf = {"a"}
        target.note("before", B, 1.0, EventKind.TICK)

        assert await target.judge(target.note("met", A, 5.0)) is SEEN
        assert target.asked == []

    play(scenario)


def test_every_worker_is_looked_at_before_any_case(target: Target) -> None:
    """So that one that stops while the first cases run is known to have begun jobs before."""

    async def scenario() -> None:
        target.deaf = {"b"}
        await target.watch.begin(target.system)
        target.deaf = {"a", "b"}

        told = await target.judge(target.note("met", A, 105.0))

        assert isinstance(told, MetStandstill)
        assert "was submitted at 100.0 s by the run itself" in str(told)
        assert await target.judge(target.note("met", B, 105.0)) is SEEN
        assert target.asked == ["a", "b", "a"]

    play(scenario)


def test_a_job_that_is_not_accepted_is_another_matter(target: Target) -> None:
    async def scenario() -> None:
        target.refusing = {"a"}
        target.note("before", A, 1.0, EventKind.TICK)

        assert await target.judge(target.note("met", A, 5.0)) is SEEN
        assert target.watch.seen == []

    play(scenario)


def test_a_look_that_came_to_nothing_says_nothing(target: Target) -> None:
    async def scenario() -> None:
        target.lost = True
        target.note("before", A, 1.0, EventKind.TICK)

        assert await target.judge(target.note("met", A, 5.0)) is SEEN

    play(scenario)


@pytest.mark.parametrize(("waited_s", "stands_still"), [(0.5, True), (1.5, False)])
def test_a_look_under_severe_strain_accuses_nobody(
    target: Target, monkeypatch: pytest.MonkeyPatch, waited_s: float, stands_still: bool
) -> None:
    """The case settles nothing then, and nothing is told of the target; what came before the look
    is no matter.
    """

    async def starved(*_: Any, **__: Any) -> PlainStart:
        target.meter.note_look(asyncio.get_running_loop().time(), waited_s, 0.0)
        return PlainStart(worker=A, outcome=StartOutcome.NOT_BEGUN)

    async def scenario() -> None:
        target.meter.note_look(asyncio.get_running_loop().time(), 5.0, 0.0)
        target.note("before", A, 1.0, EventKind.TICK)
        await asyncio.sleep(0.01)
        monkeypatch.setattr(target, "start", starved)

        told = await target.judge(target.note("met", A, 5.0))

        assert isinstance(told, MetStandstill)
        doubt = "the harness was starved for 1.5 s while worker a began no plain job; the case saw"
        assert str(told).startswith(doubt) is not stands_still
        assert bool(target.watch.seen) is stands_still
        assert bool(target.watch.stopped(target.system)) is stands_still

    play(scenario)


def test_one_look_serves_all_cases_that_ended_before_it(target: Target) -> None:
    """A standstill is told once, however many cases meet it, and looked at once a while."""

    async def scenario() -> None:
        target.note("before", A, 1.0, EventKind.TICK)
        target.deaf = {"a"}
        missed = [target.note(f"met-{number}", A, 5.0 + number) for number in range(5)]

        told = await asyncio.gather(*(target.judge(each) for each in missed))
        late = await target.judge(target.note("late", A, 20.0))

        assert all(isinstance(each, MetStandstill) for each in (*told, late))
        assert target.asked == ["a"]
        assert len(target.watch.seen) == 1
        assert target.watch.seen[0].missed_by == "met-0"

    play(scenario)


def test_a_standstill_is_over_when_a_job_begins(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays told; what comes after it counts again."""

    async def scenario() -> None:
        monkeypatch.setattr(standstill, "_FRESH_S", 0.0)
        target.note("before", A, 1.0, EventKind.TICK)
        target.deaf = {"a"}
        await target.judge(target.note("met", A, 5.0))
        target.deaf = set()
        await asyncio.sleep(0.01)

        assert await target.judge(target.note("after", A, 50.0)) is SEEN
        assert target.watch.stopped(target.system) == ()
        assert len(target.watch.seen) == 1

    play(scenario)


def test_one_case_may_see_one_job_begin_and_another_not(target: Target) -> None:
    """Of two jobs that were submitted at the same moment, neither was before the other."""

    async def scenario() -> None:
        target.note("both", A, 4.0, EventKind.TICK)
        target.deaf = {"a"}

        await target.judge(target.note("both", A, 4.0))

        assert target.watch.seen[0].missed_s == 100.0

    play(scenario)


def test_a_look_is_no_part_of_the_case_that_led_to_it(target: Target) -> None:
    """Neither in the history nor among the jobs that are tidied up behind the case."""
    seen = []

    async def start(*_: Any, **__: Any) -> PlainStart:
        seen.append((current_case.get(), jobs_of_case.get()))
        return PlainStart(worker=A, outcome=StartOutcome.BEGUN)

    async def scenario() -> None:
        target.start = start  # type: ignore[method-assign, assignment]
        current_case.set("the case")
        jobs_of_case.set([])
        await target.watch.begin(target.system)
        assert current_case.get() == "the case"
        assert jobs_of_case.get() == []

    play(scenario)

    assert seen == [("", None), ("", None)]


def test_only_jobs_that_somebody_looked_at_count_as_missed(target: Target) -> None:
    """And only those of the target that cases share."""
    unread, witnessed = target.job(A, 1.0), target.job(A, 2.0, witnessed=True)
    polled, begun = target.job(A, 3.0), target.job(A, 4.0)
    elsewhere = target.job(A, 5.0)
    elsewhere.system = SimpleNamespace()
    operations = [read(polled, EventKind.START, kind="poll"), read(begun, EventKind.END)]

    jobs = [unread, witnessed, polled, begun, elsewhere]
    missed = target.watch.note(target.system, "case", jobs, operations)

    assert missed == [witnessed, polled]


def test_a_job_that_was_cancelled_is_not_the_first_that_did_not_begin(target: Target) -> None:
    async def scenario() -> None:
        target.note("before", A, 1.0, EventKind.TICK)
        cancelled = target.job(A, 3.0)
        asked = [read(cancelled), read(cancelled, kind="cancel")]
        target.watch.note(target.system, "cancels", [cancelled], asked)
        target.deaf = {"a"}

        await target.judge(target.note("met", A, 5.0))

        assert target.watch.seen[0].missed_by == "met"

    play(scenario)


def test_what_was_missed_before_another_began_is_over(target: Target) -> None:
    """Whatever the order in which the cases ended."""

    async def scenario() -> None:
        target.note("slow", A, 3.0)
        target.note("between", A, 4.0, EventKind.END)
        target.note("slower", A, 2.0)
        target.deaf = {"a"}

        await target.judge(target.note("met", A, 5.0))

        only = target.watch.seen[0]
        assert (only.begun_by, only.begun_s, only.missed_by) == ("between", 4.0, "met")

    play(scenario)


@pytest.mark.parametrize(
    ("kinds", "begun"),
    [
        ((EventKind.TICK,), True),
        ((EventKind.END,), True),
        ((EventKind.TICK, EventKind.ERROR, EventKind.END), True),
        ((EventKind.ERROR, EventKind.END), False),
        ((EventKind.START, EventKind.OTHER, EventKind.CANCELLED), False),
        ((), False),
    ],
)
def test_a_job_has_begun_when_it_says_what_only_work_can_say(
    target: Target, kinds: tuple[EventKind, ...], begun: bool
) -> None:
    """A target may tell of a plan, of a cancel, and that it gives up, before anything runs."""
    job, other = target.job(A, 1.0), target.job(A, 1.0)

    assert has_begun(job, [read(job, *kinds), read(other, EventKind.TICK)]) is begun


def test_a_job_that_the_witness_saw_has_begun(target: Target) -> None:
    job = target.job(A, 1.0)
    job.sightings = ["tick 0"]

    assert has_begun(job, [])
