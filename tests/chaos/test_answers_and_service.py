"""What the checkers say of requests, cancels, monitors and service in an outage."""

from __future__ import annotations

from typing import Any

import pytest

from queueproof.chaos.judging import INVARIANTS, judge
from queueproof.checkers.answers import check_answered, check_cancelled
from queueproof.checkers.findings import Status
from queueproof.checkers.history_parser import read_story
from queueproof.checkers.outage_history import PHASES
from queueproof.checkers.readings import check_readings
from queueproof.checkers.service import (
    check_counters,
    check_dispatcher,
    check_health,
    check_service,
)
from queueproof.history import ON_KEPT, Operation, Outcome
from queueproof.requirements import load_registry
from queueproof.verdicts import Verdict

from .histories import (
    end,
    frame,
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


def silent(kind: str, at_s: float, **rest: Any) -> Operation:
    return op(
        kind,
        at_s,
        took_s=9.0,
        status=None,
        outcome=Outcome.UNKNOWN,
        detail="no answer within 9.0 s",
        **rest,
    )


# -- readings ------------------------------------------------------------------------------


def test_a_whole_reading_is_held_and_a_beginning_too() -> None:
    whole = stream(1.2, [*ticks(0, 1, 2, 3, from_s=2.0), end(6.0)])
    beginning = stream(1.2, ticks(0, 1, from_s=2.0), facts={"ended": "broken"})

    assert statuses(check_readings(outage(submit(), whole, beginning))) == [HELD, HELD]


@pytest.mark.parametrize(
    ("received", "said"),
    [((0, 1, 3), "1 missing (2)"), ((0, 1, 1, 2, 3), "1 duplicated (1)"), ((0, 2, 1, 3), "order")],
)
def test_gaps_duplicates_and_disorder_are_broken(received: tuple[int, ...], said: str) -> None:
    found = check_readings(outage(submit(), stream(1.2, [*ticks(*received, from_s=2.0), end(9.0)])))

    assert statuses(found) == [BROKEN]
    assert said in words(found)


def test_a_gap_in_the_middle_of_a_beginning_is_broken() -> None:
    gap = stream(1.2, ticks(0, 2, from_s=2.0), facts={"ended": "broken"})

    assert statuses(check_readings(outage(submit(), gap))) == [BROKEN]


def test_a_gap_after_a_lost_answer_is_undecidable() -> None:
    lost = poll(2.0, [], status=None, outcome=Outcome.UNKNOWN, detail="connection lost")
    rest = poll(3.0, [*ticks(2, 3, from_s=3.0), end(5.0)])

    assert statuses(check_readings(outage(submit(), lost, rest))) == [DOUBTFUL]


def test_a_refused_connection_loses_no_answer() -> None:
    refused = poll(2.0, [], status=None, outcome=Outcome.FAILED, detail="connection refused")
    rest = poll(3.0, [*ticks(2, 3, from_s=3.0), end(5.0)])

    assert statuses(check_readings(outage(submit(), refused, rest))) == [BROKEN]


def polled_through_the_outage(*again: int) -> list[Operation]:
    """A job that is polled before and after the fault; what comes after it begins as given."""
    job = submit(8.0, ticks=8)
    return [job, poll(9.0, ticks(0, 1, 2, from_s=9.0)), poll(15.0, ticks(*again, from_s=15.0))]


@pytest.mark.parametrize(
    ("costs", "again", "status"),
    [
        ("data", (2, 3, 4), HELD),
        ("data", (4, 5), BROKEN),
        ("data", (3, 5, 4), BROKEN),
        ("jobs", (2, 3, 4), BROKEN),
    ],
)
def test_polls_may_repeat_when_their_position_went_with_the_data(
    costs: str, again: tuple[int, ...], status: Status
) -> None:
    """Repeat, where data may be lost; leave out or mix up, never."""
    found = check_readings(outage(*polled_through_the_outage(*again), costs=costs))

    assert statuses(found) == [status]


def test_a_stream_never_repeats() -> None:
    """It has no position to lose: it began at the first event and remembers what it sent."""
    repeating = stream(9.0, [*ticks(0, 1, 1, 2, 3, from_s=9.0), end(15.0)])

    found = check_readings(outage(submit(8.0), repeating, costs="data"))

    assert statuses(found) == [BROKEN]


# -- answers -------------------------------------------------------------------------------


def test_an_answer_within_its_bound_is_held_and_a_late_one_is_not() -> None:
    prompt, late = op("submit", 1.0), op("cancel", 2.0, took_s=4.0)

    assert statuses(check_answered(outage(prompt, late))) == [HELD, BROKEN]


def test_an_outage_has_a_bound_of_its_own() -> None:
    slow, slower = op("submit", 11.0, took_s=4.0), silent("submit", 11.0)

    assert statuses(check_answered(outage(slow, slower))) == [HELD, BROKEN]


def test_a_refused_or_broken_connection_keeps_nobody_waiting() -> None:
    broke = op("submit", 11.0, status=None, outcome=Outcome.UNKNOWN, detail="connection lost")

    assert statuses(check_answered(outage(op("submit", 1.0), broke))) == [HELD, HELD]


def test_a_frozen_worker_cannot_answer_and_the_others_can() -> None:
    asked = [silent("submit", 11.0, worker=worker) for worker in "ab"]

    found = check_answered(outage(*asked, silenced=["a"]))

    assert statuses(found) == [BROKEN]
    assert "worker b" in words(found)


def test_a_cancel_that_claims_success_stops_the_work() -> None:
    cancel = op("cancel", 2.0, job="j", facts={"claims_success": True})

    stopped = check_cancelled(outage(submit(), cancel, work(0, 1, from_s=1.5)))
    going_on = check_cancelled(outage(submit(), cancel, work(0, 1, 2, from_s=1.5)))

    assert statuses(stopped) == [HELD]
    assert statuses(going_on) == [BROKEN]


def test_a_job_that_ends_by_itself_proves_nothing_of_a_cancel() -> None:
    cancel = op("cancel", 4.0, job="j", facts={"claims_success": True})

    found = check_cancelled(outage(submit(), cancel, work(0, 1, 2, 3, from_s=1.5)))

    assert statuses(found) == [DOUBTFUL]


def test_a_cancel_that_waited_for_a_silent_worker_is_not_asked_about() -> None:
    cancel = op("cancel", 11.0, took_s=9.0, job="j", facts={"claims_success": True})
    done = work(0, 1, 2, 3, from_s=12.0)

    assert check_cancelled(outage(submit(), cancel, done, silenced=["a"])) == []
    assert statuses(check_cancelled(outage(submit(), cancel, done))) == [DOUBTFUL]


def test_a_cancel_without_success_promises_nothing() -> None:
    cancel = op("cancel", 2.0, job="j", status=503)

    assert check_cancelled(outage(submit(), cancel, work(0, 1, 2, 3, from_s=1.5))) == []


# -- service, monitor, health --------------------------------------------------------------


def look(at_s: float, *, running: bool, worker: str = "a", **stats: int) -> Operation:
    body = {"cancel_dispatcher_running": running, "cancel_stats": stats}
    return op("monitor", at_s, worker=worker, facts={"monitor": body, "process": "1"})


def test_service_that_does_not_come_back_is_broken() -> None:
    never = op("service", 20.0, facts={"lacking": "a submit gets 503", "took_s": 6.0})

    found = check_service(outage(never))

    assert statuses(found) == [BROKEN]
    assert "a submit gets 503" in words(found)


def test_refusals_are_for_outages_only() -> None:
    found = check_service(
        outage(submit(1.0, status=503, job=None), submit(11.0, status=503, job=None))
    )

    assert statuses(found) == [BROKEN]
    assert found[0].at_s == pytest.approx(1.0)


def test_a_refusal_of_a_request_that_met_the_outage_is_no_refusal_of_quiet_times() -> None:
    late = op("submit", 9.0, took_s=9.0, status=503, facts={"key": "k", "errand": 1})

    assert check_service(outage(late)) == []


def test_a_deaf_dispatcher_says_so_once_it_can_know() -> None:
    known = {"deafens": True, "struck": ["a"]}
    at_once, known_by_now = look(10.5, running=True), look(15.5, running=True)

    assert check_dispatcher(outage(at_once, known_by_now, **known)) == []
    assert statuses(check_dispatcher(outage(look(1.0, running=True)))) == [HELD]
    assert statuses(check_dispatcher(outage(look(20.0, running=False)))) == [BROKEN]


def test_a_dispatcher_that_claims_to_hear_all_the_while_is_broken() -> None:
    long = [
        op for op in frame(deafens=True, struck=["a"]) if op.detail not in ("recovery", "after")
    ]
    operations = [
        *long,
        op("phase", 20.0, detail="recovery"),
        op("phase", 22.0, detail="after"),
        look(16.0, running=True),
        look(16.5, running=False),
        look(16.5, running=True, worker="b"),
    ]

    assert statuses(check_dispatcher(read_story(operations))) == [BROKEN, HELD]


def test_health_is_well_exactly_when_the_worker_serves() -> None:
    looks = [op("health", at_s, status=status) for at_s, status in ((1, 200), (12, 200), (12, 503))]

    found = check_health(outage(*looks, wedges=True, struck=["a"]))

    assert statuses(found) == [HELD, BROKEN, HELD]


@pytest.mark.parametrize(
    ("accepted", "found"),
    [
        ({"at_s": 12.5}, []),
        ({"at_s": 12.5, "worker": "b"}, [BROKEN]),
        ({"at_s": 12.5, "status": 503, "job": None}, [BROKEN]),
        ({"at_s": 12.5, "took_s": 5.0}, [BROKEN]),
        ({"at_s": 1.0}, [BROKEN]),
    ],
)
def test_a_front_that_takes_jobs_in_the_fault_may_call_itself_well(
    accepted: dict[str, Any], found: list[Status]
) -> None:
    """Itself, and in the fault: what was accepted elsewhere or afterwards says nothing of it."""
    well = op("health", 12.0)

    story = outage(submit(**accepted), well, wedges=True, struck=["a"])
    assert statuses(check_health(story)) == found


def test_who_says_unwell_while_service_is_lacking_may_be_right() -> None:
    never = op("service", 15.9, facts={"lacking": "a submit gets 503", "took_s": 1.9})
    again = op("service", 15.9, facts={"lacking": "", "took_s": 1.9})
    unwell = op("health", 20.0, status=503)

    assert check_health(outage(never, unwell)) == []
    assert statuses(check_health(outage(again, unwell))) == [BROKEN]


def test_health_is_not_judged_where_nobody_knows_the_truth() -> None:
    assert check_health(outage(op("health", 12.0))) == []


def test_gauges_return_to_zero() -> None:
    still = op("rest", 39.0, facts={"monitor": {"active_jobs": 2, "bridge_count": 0}, "after_s": 9})
    calm = op("rest", 39.0, facts={"monitor": {"active_jobs": 0}})

    assert statuses(check_counters(outage(still, calm))) == [BROKEN, HELD]


def test_a_counter_never_falls_while_its_process_lives() -> None:
    found = check_counters(outage(look(1, running=True, published=3), look(2, running=True)))

    assert statuses(found) == [BROKEN]
    assert "published 3" in words(found)


def test_a_dispatcher_that_was_away_counts_its_return() -> None:
    looks = [look(at_s, running=True, dispatcher_reconnects=n) for at_s, n in ((1.0, 2), (20.0, 3))]
    forgetful = [look(at_s, running=True, dispatcher_reconnects=2) for at_s in (1.0, 20.0)]
    deafened = {"deafens": True, "struck": ["a"]}

    assert BROKEN not in statuses(check_counters(outage(*looks, **deafened)))
    assert BROKEN in statuses(check_counters(outage(*forgetful, **deafened)))
    assert BROKEN not in statuses(check_counters(outage(*forgetful)))


def test_counts_that_nobody_had_begun_prove_nothing_of_whether_they_outlast_an_outage() -> None:
    looks = [look(at_s, running=True, dispatcher_reconnects=n) for at_s, n in ((1.0, 0), (20.0, 1))]
    busy = [
        look(at_s, running=True, dispatcher_reconnects=n, published=1)
        for at_s, n in ((1.0, 0), (20.0, 1))
    ]
    deafened = {"deafens": True, "struck": ["a"]}

    assert DOUBTFUL in statuses(check_counters(outage(*looks, **deafened)))
    assert DOUBTFUL not in statuses(check_counters(outage(*busy, **deafened)))


# -- the whole -----------------------------------------------------------------------------


def test_every_invariant_judges_a_requirement_that_chaos_runs_judge() -> None:
    judged = {
        row.id
        for contract in ("langflow", "flowise", "generic")
        for row in load_registry(contract)
        if "chaos" in row.judged_by
    }

    assert judged == INVARIANTS.keys()


def test_a_verdict_is_given_a_requirement_and_a_phase() -> None:
    operations = [
        *frame(),
        submit(1.0),
        stream(1.2, [*ticks(0, 1, 2, 3, from_s=2.0), end(6.0)]),
        work(0, 1, 2, 3, from_s=2.0),
        silent("poll", 11.0),
    ]

    judged = {judgement.requirement: judgement.by_phase for judgement in judge(operations)}

    assert judged["RESI-001"] == {
        "before": Verdict.PASSED,
        **dict.fromkeys(PHASES[1:], Verdict.NOT_ASSESSED),
    }
    assert judged["RESI-005"]["during"] is Verdict.FAILED


def test_a_history_without_phases_belongs_to_before() -> None:
    assert read_story([op("submit", 1.0)]).phase_of(1.0) == "before"


def lost(at_s: float, kept: str) -> Operation:
    detail = f"connection lost: ReadError{kept}"
    return op("submit", at_s, status=None, outcome=Outcome.UNKNOWN, detail=detail)


def test_one_kept_connection_may_be_closed_in_the_moment_of_a_request() -> None:
    """Servers close idle connections; that it happens twice in quiet times is no coincidence."""
    well = op("submit", 1.0, status=200)

    assert statuses(check_service(outage(well, lost(2.0, ON_KEPT)))) == [HELD]
    assert statuses(check_service(outage(well, lost(2.0, "")))) == [HELD, BROKEN]
    twice = outage(well, lost(1.5, ON_KEPT), lost(2.0, ON_KEPT))
    assert statuses(check_service(twice)) == [HELD, BROKEN]
