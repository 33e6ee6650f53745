"""What the checkers say of jobs in an outage: legal, illegal and undecidable histories."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queueproof.checkers.findings import Status
from queueproof.checkers.job_outcomes import (
    check_ended,
    check_refused,
    check_runs,
    check_spared,
    check_stillness,
)
from queueproof.checkers.terminal_events import check_terminal_events
from queueproof.history import Event, EventKind, Operation, Outcome

from .histories import (
    end,
    op,
    outage,
    poll,
    statuses,
    stream,
    submit,
    ticks,
    words,
    work,
)

HELD, BROKEN, DOUBTFUL = Status.HELD, Status.BROKEN, Status.DOUBTFUL
COMPLETE = [*ticks(0, 1, 2, 3, from_s=2.0), end(6.0)]
LATER = [*ticks(0, 1, 2, 3, from_s=15.2, every_s=0.1), end(16.0)]
DONE = work(0, 1, 2, 3, from_s=2.0)


def failed(at_s: float, *numbers: int) -> list[Event]:
    """A reading that was told of a failure."""
    return [*ticks(*numbers, from_s=2.0), end(at_s, EventKind.ERROR), end(at_s)]


def ended(at_s: float) -> list[Event]:
    """A reading that was told of the job's own end."""
    return [*ticks(0, 1, 2, 3, from_s=15.2, every_s=0.1), end(at_s)]


def test_a_job_that_is_told_to_have_ended_is_not_lost() -> None:
    found = check_ended(outage(submit(), stream(1.2, COMPLETE), DONE))

    assert statuses(found) == [HELD]


def test_a_job_of_which_nobody_hears_again_is_lost() -> None:
    found = check_ended(outage(submit(9.0), stream(9.2, [], until_s=39.0), DONE))

    assert statuses(found) == [BROKEN]
    assert "told nothing" in words(found)


def test_a_job_that_is_told_to_have_failed_is_not_lost() -> None:
    found = check_ended(outage(submit(9.0), stream(9.2, failed(12.0, 0)), work(0, from_s=9.5)))

    assert statuses(found) == [HELD]


def test_an_end_that_is_told_too_late_is_broken() -> None:
    late = [*ticks(0, 1, 2, 3, from_s=9.5), end(39.0)]

    found = check_ended(outage(submit(9.0), stream(9.2, late), DONE))

    assert statuses(found) == [BROKEN]
    assert "after it was due" in words(found)


@pytest.mark.parametrize(("costs", "status"), [("data", HELD), ("jobs", BROKEN)])
def test_a_job_unknown_to_the_target_is_lost_unless_data_may_be(costs: str, status: Status) -> None:
    gone = poll(12.0, [], status=404)

    assert statuses(check_ended(outage(submit(9.0), gone, costs=costs))) == [status]


def test_a_job_that_its_client_cancelled_is_not_lost_when_it_is_gone() -> None:
    cancel = op("cancel", 10.5, job="j", facts={"claims_success": True})
    gone = poll(12.0, [], status=404)

    assert statuses(check_ended(outage(submit(9.0), gone, cancel))) == [HELD]
    assert statuses(check_ended(outage(submit(9.0), gone))) == [BROKEN]


def test_a_job_that_nobody_read_is_not_judged() -> None:
    assert check_ended(outage(submit())) == []


def test_work_that_is_done_once_is_held() -> None:
    assert statuses(check_runs(outage(submit(), DONE))) == [HELD]


def test_work_that_is_done_twice_is_broken_when_it_is_repeated() -> None:
    again = work(0, 1, 2, 0, 1, 2, 3, from_s=9.0)

    found = check_runs(outage(submit(), again))

    assert statuses(found) == [BROKEN]
    assert found[0].at_s == pytest.approx(14.0)
    assert "3 of 4 ticks were done more than once" in words(found)


def test_a_refused_submit_that_runs_is_broken() -> None:
    refused = submit(11.0, job=None, status=503)

    assert statuses(check_refused(outage(refused, work(0, from_s=11.2)))) == [BROKEN]
    seen = op("work", 40.0, facts={"key": "another", "heard": True})
    assert statuses(check_refused(outage(refused, seen))) == [HELD]


def test_an_unanswered_submit_may_run_or_not() -> None:
    unanswered = submit(11.0, job=None, status=None, outcome=Outcome.UNKNOWN)

    assert check_refused(outage(unanswered, work(0, from_s=11.2))) == []


def test_an_end_that_is_told_although_work_is_missing_is_a_lie() -> None:
    found = check_terminal_events(outage(submit(), stream(1.2, COMPLETE), work(0, 1, from_s=2.0)))

    assert "told end after 2 of 4 ticks" in words(found)


def test_a_bare_end_is_no_end() -> None:
    found = check_terminal_events(outage(submit(), stream(1.2, ticks(0, 1, from_s=2.0)), DONE))

    assert "a bare end after 2 of 4 ticks" in words(found)


def test_a_stream_that_broke_tells_nothing_and_lies_not() -> None:
    broke = stream(1.2, ticks(0, 1, from_s=2.0), facts={"ended": "broken"})

    assert check_terminal_events(outage(submit(), broke, DONE)) == []


def _ended_by_the_grace(*, after_s: float) -> Operation:
    """A stream that was told of an error, and of nothing before it."""
    at_s = 1.2 + after_s
    return stream(1.2, [end(at_s, EventKind.ERROR), end(at_s)])


def test_a_reading_that_the_grace_ended_says_nothing_of_the_job() -> None:
    late = work(0, 1, 2, 3, from_s=3.5)
    told = [submit(), _ended_by_the_grace(after_s=2.1), stream(8.0, COMPLETE), late]

    assert BROKEN not in statuses(check_terminal_events(outage(*told)))
    assert BROKEN not in statuses(check_stillness(outage(*told)))


def test_an_error_before_the_grace_is_over_is_about_the_job() -> None:
    late = work(0, 1, 2, 3, from_s=3.5)
    told = [submit(), _ended_by_the_grace(after_s=0.5), stream(8.0, COMPLETE), late]

    assert "one was told error" in words(check_terminal_events(outage(*told)))
    assert BROKEN in statuses(check_stillness(outage(*told)))


def test_nothing_may_follow_the_terminal_event() -> None:
    found = check_terminal_events(
        outage(submit(), stream(1.2, [*COMPLETE, *ticks(3, from_s=7.0)]), DONE)
    )

    assert "1 more events followed" in words(found)


def test_a_job_is_cancelled_only_when_somebody_asked() -> None:
    told = stream(1.2, [*ticks(0, from_s=2.0), end(3.0, EventKind.CANCELLED)])
    cancel = op("cancel", 2.5, job="j", facts={"claims_success": True})

    assert "nobody cancelled it" in words(check_terminal_events(outage(submit(), told)))
    assert statuses(check_terminal_events(outage(submit(), told, cancel))) == [HELD]


def test_two_readers_must_not_be_told_different_ends() -> None:
    first, later = stream(9.2, failed(12.0, 0)), stream(15.0, LATER)

    found = check_terminal_events(outage(submit(9.0), first, later, DONE))

    assert "one was told error" in words(found)


def test_lost_events_do_not_contradict_an_earlier_end() -> None:
    first, later = stream(9.2, COMPLETE), stream(15.0, failed(15.5))

    assert words(check_terminal_events(outage(submit(), first, later, DONE, costs="data"))) == ""
    assert words(check_terminal_events(outage(submit(), first, later, DONE, costs="jobs"))) != ""


def test_a_lost_answer_makes_a_contradiction_undecidable() -> None:
    lost = poll(9.5, [], status=None, outcome=Outcome.UNKNOWN, detail="connection lost")
    told = poll(11.0, failed(11.0))

    found = check_terminal_events(outage(submit(), stream(1.2, COMPLETE), lost, told, DONE))

    assert DOUBTFUL in statuses(found)
    assert BROKEN not in statuses(found)


def lived_through(*, owner: str, told: list[Event]) -> list[Operation]:
    return [submit(9.0, worker=owner), stream(9.2, told, worker=owner), DONE]


def test_a_disturbance_of_others_costs_nothing() -> None:
    there = lived_through(owner="a", told=failed(12.0, 0))
    elsewhere = lived_through(owner="b", told=failed(12.0, 0))

    assert check_spared(outage(*there, struck=["a"])) == []
    assert statuses(check_spared(outage(*elsewhere, struck=["a"]))) == [BROKEN]


def test_a_harmless_disturbance_costs_no_job() -> None:
    lost = lived_through(owner="a", told=failed(12.0, 0))

    assert statuses(check_spared(outage(*lost, costs="nothing"))) == [BROKEN]
    assert check_spared(outage(*lost, costs="jobs")) == []


def test_a_job_outside_the_outage_is_spared() -> None:
    early = [submit(1.0), stream(1.2, failed(3.0, 0)), DONE]

    assert statuses(check_spared(outage(*early, costs="data"))) == [BROKEN]


def test_work_after_the_told_end_is_a_zombies() -> None:
    told = stream(15.0, failed(17.0, 0))

    still = check_stillness(outage(submit(15.0), told, work(0, 1, from_s=15.5)))
    zombie = check_stillness(outage(submit(15.0), told, work(0, 1, 2, 3, 4, 5, from_s=15.5)))

    assert statuses(still) == [HELD]
    assert statuses(zombie) == [BROKEN]


def test_where_two_jobs_have_one_id_nobody_knows_whose_end_was_told() -> None:
    told, late = stream(15.0, failed(17.0, 0)), work(0, 1, 2, 3, 4, 5, from_s=15.5)
    other = replace(submit(20.0), facts={**submit().facts, "key": "other", "errand": 8})

    assert statuses(check_stillness(outage(submit(15.0), told, late, other))) == []


@pytest.mark.parametrize(
    ("delivery", "told", "found"),
    [
        ("at-least-once", ended(16.0), []),
        ("at-most-once", ended(16.0), [BROKEN]),
        ("at-least-once", failed(16.0, 0), [BROKEN]),
    ],
)
def test_two_runs_at_once_are_what_at_least_once_promises(
    delivery: str, told: list[Event], found: list[Status]
) -> None:
    """The one comes to the job's end and is told, the other goes on; a failure is an end of all."""
    twice = work(0, 1, 2, 3, 1, 2, 3, from_s=15.2, every_s=1.0)
    seen = outage(submit(15.0), stream(15.1, told), twice, promises={"delivery": delivery})

    assert statuses(check_stillness(seen)) == found


def test_one_run_that_goes_on_is_a_zombies_whatever_is_promised() -> None:
    seen = outage(
        submit(15.0),
        stream(15.1, ended(16.0)),
        work(0, 1, 2, 3, from_s=15.2, every_s=2.0),
        promises={"delivery": "at-least-once"},
    )

    assert statuses(check_stillness(seen)) == [BROKEN]


def test_a_worker_that_nobody_can_reach_may_work_on_until_the_heal() -> None:
    told = stream(9.2, failed(11.0, 0))

    found = check_stillness(outage(submit(9.0), told, work(0, 1, 2, 3, 4, from_s=9.5)))

    assert statuses(found) == [HELD]


def test_a_reader_out_of_hearing_may_lose_its_build() -> None:
    cancelled = [*ticks(0, from_s=9.5), end(14.5, EventKind.CANCELLED)]
    far = stream(9.2, cancelled, worker="a")
    traits = {"struck": ["a"], "costs": "jobs"}
    near = submit(9.0, worker="b"), op("monitor", 1.0, worker="b")
    slow = {"stale_threshold_s": 3.0}

    heard = outage(*near, far, **traits)
    unheard = outage(*near, far, **traits)
    unheard.timings.update(slow)  # type: ignore[attr-defined]  # one dict of this test's own

    assert "nobody cancelled it" in words(check_terminal_events(heard))
    assert words(check_terminal_events(unheard)) == ""


def test_a_reader_whose_own_worker_was_stopped_may_read_on_elsewhere() -> None:
    first = stream(9.2, failed(12.0, 0), worker="a")
    later = stream(15.0, LATER, worker="b")
    near = submit(9.0, worker="b")

    assert words(check_terminal_events(outage(near, first, later, DONE, silenced=["a"]))) == ""
    assert "one was told error" in words(check_terminal_events(outage(near, first, later, DONE)))
