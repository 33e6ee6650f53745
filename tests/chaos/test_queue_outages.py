"""What an outage did to a queue's jobs, held against what the queue promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from queueproof.checkers.findings import Status
from queueproof.checkers.outage_durations import outage_durations
from queueproof.checkers.outage_history import JobHistory, OutageHistory
from queueproof.checkers.queue_outages import (
    check_delays,
    check_ends_stay,
    check_healthy_once,
    check_ids,
    check_not_begun_again,
    check_others_once,
    check_outlived,
    check_stop,
    check_struck,
    check_workers,
)
from queueproof.history import Event, EventKind
from tests.chaos.queue_lives import (
    ALL,
    BEGUN,
    PROMISES,
    RUN_AGAIN,
    A,
    B,
    life,
    operation,
    outage,
    reading,
)


def statuses(found: list[Any]) -> list[Status]:
    return [finding.status for finding in found]


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (life(ticks=RUN_AGAIN, told=EventKind.END), Status.HELD),
        (life(ticks=BEGUN, told=EventKind.ERROR, told_s=8.0), Status.HELD),
        (life(ticks=BEGUN), Status.BROKEN),
        (life(ticks=[*BEGUN, (0, 40.0)]), Status.BROKEN),
        (life(ticks=BEGUN, told=EventKind.ERROR, told_s=45.0), Status.BROKEN),
    ],
)
def test_a_struck_job_is_run_again_or_told_within_the_bound(
    one: JobHistory, status: Status
) -> None:
    assert statuses(check_struck(outage(one))) == [status]


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ([(0, 9.0)], Status.BROKEN),
        ([(2, 9.0), (3, 9.5)], Status.HELD),
    ],
    ids=["begun again and left", "gone on with"],
)
def test_a_struck_job_that_is_told_to_have_completed_has_done_every_step(
    rest: list[tuple[int, float]], status: Status
) -> None:
    """In whichever of its runs."""
    one = life(ticks=[*BEGUN, *rest], told=EventKind.END)

    assert statuses(check_struck(outage(one))) == [status]


def test_who_did_not_watch_long_enough_accuses_nobody() -> None:
    found = check_struck(outage(life(ticks=BEGUN), ended_s=12.0))

    assert statuses(found) == [Status.DOUBTFUL]


@pytest.mark.parametrize(
    "one",
    [
        life(ticks=BEGUN, worker=B),
        life(ticks=BEGUN, worker=""),
        life(ticks=[]),
        life(ticks=[(tick, 3.0) for tick in range(4)]),
    ],
    ids=["another worker's", "nobody knows whose", "not begun", "over"],
)
def test_only_what_a_lost_worker_was_at_is_struck(one: JobHistory) -> None:
    assert check_struck(outage(one)) == []


def test_at_most_once_is_broken_by_a_second_run() -> None:
    again, silent = life(ticks=RUN_AGAIN), life(ticks=BEGUN)

    found = check_not_begun_again(outage(again, silent))

    assert statuses(found) == [Status.BROKEN, Status.HELD]


def test_a_worker_that_takes_no_jobs_is_named() -> None:
    deaf = operation("service", 17.0, lacking="worker b took none of 12 jobs", took_s=10.0)
    told = outage()
    broken = OutageHistory(**{**vars(told), "operations": (deaf,)})

    [finding] = check_workers(broken)

    assert finding.status is Status.BROKEN
    assert "worker b took none" in finding.actual


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (life(ticks=[(n, 9.0 + n) for n in range(4)], told=EventKind.END), Status.HELD),
        (life(ticks=[]), Status.BROKEN),
        (life(ticks=[], told=EventKind.ERROR), Status.BROKEN),
        (life(ticks=ALL, worker=B, told=EventKind.END), Status.HELD),
        (life(ticks=BEGUN, worker=B), Status.BROKEN),
    ],
)
def test_what_waited_and_what_others_ran_outlives_the_loss_of_a_worker(
    one: JobHistory, status: Status
) -> None:
    assert statuses(check_outlived(outage(one))) == [status]


def came_since(
    accepted_s: float, begun_s: float | None = None, told: EventKind | None = None
) -> JobHistory:
    one = life("late", ticks=[] if begun_s is None else [(0, begun_s)], told=told)
    return replace(one, submit=replace(one.submit, invoked_s=accepted_s, ended_s=accepted_s))


def forgotten(asked_s: float) -> JobHistory:
    one = came_since(6.0)
    unknown = replace(reading(None, asked_s, again=True), status=404)
    return replace(one, readings=(*one.readings, unknown))


@pytest.mark.parametrize(
    ("one", "more", "found"),
    [
        (came_since(6.0), {}, [Status.BROKEN]),
        (came_since(6.0, 20.0), {}, [Status.HELD]),
        (came_since(6.0, told=EventKind.ERROR), {}, [Status.HELD]),
        (came_since(6.0), {"ended_s": 34.4}, [Status.DOUBTFUL]),
        (forgotten(8.4), {"ended_s": 34.4}, [Status.DOUBTFUL]),
        (forgotten(8.6), {"ended_s": 34.4}, [Status.BROKEN]),
        (came_since(6.0), {"moves": True}, []),
        (came_since(7.5), {"moves": True}, [Status.BROKEN]),
        (came_since(6.0), {"promises": {**PROMISES, "delivery": "at-most-once"}}, []),
        (came_since(6.0), {"costs": "data"}, []),
        (came_since(4.9, 3.0), {}, []),
    ],
    ids=[
        *("never begun", "begun late", "told", "not watched for long"),
        *("unknown at once", "unknown for good", "on the first master"),
        *("on the second master", "may be lost on its way", "data is lost", "before"),
    ],
)
def test_what_was_accepted_since_the_fault_came_is_begun_or_told_of(
    one: JobHistory, more: dict[str, Any], found: list[Status]
) -> None:
    promises = {**PROMISES, "delivery": "at-least-once"}
    seen = replace(operation("work", 9.0), events=(Event(EventKind.TICK, 9.0, tick=0),))
    outage_of = outage(one, **{"promises": promises, **more})
    outage_of = replace(outage_of, operations=(*outage_of.operations, seen))

    assert statuses(check_outlived(outage_of)) == found


def test_what_destroys_data_may_cost_what_waited() -> None:
    assert check_outlived(outage(life(ticks=[]), costs="data")) == []


def test_another_workers_job_that_ran_twice_is_accused_a_struck_one_is_not() -> None:
    found = check_others_once(outage(life(ticks=RUN_AGAIN, worker=B), life(ticks=RUN_AGAIN)))

    assert statuses(found) == [Status.BROKEN]


def test_what_a_worker_does_in_the_grace_before_it_is_killed_is_no_second_run() -> None:
    """It was told to stop at 5.0, and is killed two seconds later."""
    struck = life(ticks=[(0, 4.0), (1, 6.5)])

    at_once = check_struck(outage(struck))
    after_a_grace = check_struck(outage(struck, grace_s=2.0))

    assert statuses(at_once) == [Status.HELD]
    assert statuses(after_a_grace) == [Status.BROKEN]


def test_an_id_that_two_jobs_have_is_accused() -> None:
    found = check_ids(outage(life("1", ticks=[]), life("1", ticks=[]), life("2", ticks=[])))

    assert statuses(found) == [Status.BROKEN, Status.HELD]


def test_an_id_that_a_wave_had_before_is_accused_when_a_client_gets_it() -> None:
    """Numbers that begin again meet whatever jobs there were before the data was lost."""
    before = operation("submit", 0.5, "1")
    told = outage(life("1", ticks=[]), life("2", ticks=[]))

    found = check_ids(replace(told, operations=(before, *told.operations)))

    assert statuses(found) == [Status.BROKEN, Status.HELD]


def test_an_end_that_changes_is_accused_one_that_is_forgotten_shows_nothing() -> None:
    changed = life(
        ticks=ALL, told=EventKind.END, again=(reading(EventKind.ERROR, 40.0, again=True),)
    )
    forgotten = life(ticks=ALL, told=EventKind.END, again=(reading(None, 40.0, again=True),))

    never_asked_again = life(ticks=ALL, told=EventKind.END)

    found = check_ends_stay(outage(changed, forgotten, never_asked_again))

    assert statuses(found) == [Status.BROKEN]


@pytest.mark.parametrize(
    ("how", "one", "status"),
    [
        ("drain", life(ticks=ALL, told=EventKind.END), Status.HELD),
        ("drain", life(ticks=RUN_AGAIN, told=EventKind.END), Status.BROKEN),
        ("drain", life(ticks=BEGUN, told=EventKind.ERROR), Status.BROKEN),
        ("requeue", life(ticks=RUN_AGAIN, told=EventKind.END), Status.HELD),
        ("requeue", life(ticks=BEGUN), Status.BROKEN),
        ("drop", life(ticks=BEGUN, told=EventKind.CANCELLED), Status.HELD),
        ("drop", life(ticks=BEGUN), Status.BROKEN),
    ],
)
def test_a_stop_does_what_is_promised_of_it(how: str, one: JobHistory, status: Status) -> None:
    promises = {"stop": how, "stop_s": 20.0}
    told = outage(one, stops=True, promises=promises)

    assert statuses(check_stop(told)) == [status]
    assert check_struck(told) == []


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (life(ticks=[(0, 6.1)], delay_s=5.0), Status.HELD),
        (life(ticks=[(0, 5.2)], delay_s=5.0), Status.HELD),
        (life(ticks=[(0, 3.0)], delay_s=5.0), Status.BROKEN),
        (life(ticks=[(0, 25.0)], delay_s=5.0), Status.HELD),
        (life(ticks=[(0, 40.0)], delay_s=5.0), Status.BROKEN),
        (life(ticks=[], delay_s=5.0), Status.BROKEN),
    ],
    ids=[
        "in time",
        "early by less than a second",
        "early",
        "late by what the outage has held up",
        "late",
        "never",
    ],
)
def test_a_delayed_job_begins_neither_early_nor_late(one: JobHistory, status: Status) -> None:
    assert statuses(check_delays(outage(one))) == [status]


def test_a_delayed_job_that_was_not_watched_for_long_enough_is_in_doubt() -> None:
    watched_briefly = outage(life(ticks=[], delay_s=5.0), ended_s=12.0)

    assert statuses(check_delays(watched_briefly)) == [Status.DOUBTFUL]


def test_what_loses_data_may_lose_delays() -> None:
    assert check_delays(outage(life(ticks=[], delay_s=5.0), costs="data")) == []


def test_a_job_that_somebody_cancelled_need_not_come_to_its_own_end() -> None:
    cancelled = life(ticks=[], told=EventKind.CANCELLED, cancelled=True)
    drained = outage(life(ticks=BEGUN, cancelled=True), stops=True)

    assert check_outlived(outage(cancelled)) == []
    assert check_stop(drained) == []


def test_times_are_measured_beside_the_verdicts() -> None:
    """Struck at 5.0 and run again at 9.0; healed at 7.5; due at 6.0 and begun at 6.1."""
    struck = life(ticks=RUN_AGAIN, told=EventKind.END)
    after = life(ticks=[(0, 8.0)], worker=B)
    delayed = life(ticks=[(0, 6.1)], delay_s=5.0, worker="")
    wave = operation("wave", 9.5, firsts={A: 9.4, B: 9.6})
    told = outage(struck, after, delayed)

    measured = outage_durations(replace(told, operations=(*told.operations, wave)))

    assert measured["loss_to_known_s"] == pytest.approx((4.0,))
    assert sorted(measured["heal_to_first_job_s"]) == pytest.approx([0.5, 1.9])
    assert measured["delay_lateness_s"] == pytest.approx((0.1,))
    assert measured["waiting_s"] == pytest.approx((2.0, 7.0))


def test_what_was_not_seen_is_not_measured() -> None:
    assert outage_durations(outage(life(ticks=[]))) == {}


HEALTHY = [(0, 3.0), (1, 7.0), (2, 11.0), (3, 15.0)]


def long_life(ticks: list[tuple[int, float]], told: EventKind | None) -> JobHistory:
    """A job of 16 s, where lost ones are waited for 8 s."""
    return replace(life(ticks=ticks, told=told), lasts_s=16.0)


@pytest.mark.parametrize(
    ("ticks", "told", "status"),
    [
        (HEALTHY, EventKind.END, Status.HELD),
        (HEALTHY[:-1], EventKind.END, Status.HELD),
        (HEALTHY, None, Status.DOUBTFUL),
        ([*HEALTHY, (0, 12.0)], EventKind.END, Status.BROKEN),
        (HEALTHY[:2], EventKind.ERROR, Status.BROKEN),
        (HEALTHY[:2], None, Status.BROKEN),
    ],
    ids=["once", "a report was lost", "not told", "twice", "told as failed", "lost"],
)
def test_a_healthy_job_that_outlasts_the_wait_for_lost_ones_runs_once(
    ticks: list[tuple[int, float]], told: EventKind | None, status: Status
) -> None:
    one = long_life(ticks, told)

    assert statuses(check_healthy_once(outage(one, struck=(), undisturbed=True))) == [status]
    assert check_healthy_once(outage(one)) == []


def test_a_job_that_is_shorter_or_never_began_is_no_occasion() -> None:
    short, waiting = life(ticks=ALL), long_life([], None)

    assert check_healthy_once(outage(short, waiting, struck=(), undisturbed=True)) == []
