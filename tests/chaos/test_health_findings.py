"""Word for word what is found of dispatchers' claims and of health, and where each bound lies."""

from __future__ import annotations

from typing import Any

import pytest

from queueproof.checkers.findings import Status
from queueproof.checkers.history_parser import read_story
from queueproof.checkers.outage_history import OutageHistory
from queueproof.checkers.service import (
    check_dispatcher,
    check_health,
)
from queueproof.history import Operation

from .histories import APPLIED, HEALED, WHOLE, frame, op, outage, submit
from .service_findings import DEAF, WEDGED, broken, doubtful, health, held, monitor, running

# -- the dispatcher's claim ------------------------------------------------------------------


def test_a_claim_is_held_or_broken_at_its_instant() -> None:
    found = check_dispatcher(outage(running(1.0, True), running(2.0, False)))

    assert found == [
        held(1.0),
        broken(2.0, "cancel_dispatcher_running is true", "worker a says false"),
    ]


def test_a_worker_that_nobody_names_is_a_question_mark() -> None:
    [found] = check_dispatcher(outage(running(2.0, False, worker=None)))

    assert found.actual == "worker ? says false"


def test_a_deaf_dispatcher_must_say_so_five_seconds_into_the_fault() -> None:
    """Seen between its being in place, with time to notice, and its release."""
    looks = [running(at_s, True) for at_s in (15.4, 15.5, 17.8, 17.9, 18.0)]

    found = check_dispatcher(long_outage(*looks, **DEAF))

    said = ("cancel_dispatcher_running is false", "worker a says true")
    assert found == [broken(15.5, *said), broken(17.8, *said)]


def long_outage(*operations: Operation, **traits: Any) -> OutageHistory:
    """In place from 10.5 to 18 s, healed at 18.5 s, whole at 20 s."""
    kept = [one for one in frame(**traits) if one.detail not in ("recovery", "after")]
    instants = [
        op("holds", 10.5, detail="from"),
        op("holds", 18.0, detail="until"),
        op("phase", 18.5, detail="recovery"),
        op("phase", 20.0, detail="after"),
    ]
    return read_story([*kept, *instants, *operations])


def test_others_than_those_that_are_deaf_are_not_judged_in_the_fault() -> None:
    looks = [running(16.0, True, worker="b"), running(16.0, False, worker="b")]

    assert check_dispatcher(long_outage(*looks, **DEAF)) == []


def test_without_deafness_nothing_is_known_during_the_fault() -> None:
    assert check_dispatcher(long_outage(running(16.0, False), struck=["a"])) == []


def test_a_look_that_touches_the_fault_is_not_judged() -> None:
    """It must have ended before, or begun when all is whole."""
    looks = [
        running(APPLIED - 0.2, False, took_s=0.1),
        running(APPLIED - 0.1, False, took_s=0.1),
        running(WHOLE - 0.1, False),
        running(WHOLE, False),
    ]

    assert [one.at_s for one in check_dispatcher(outage(*looks))] == [APPLIED - 0.2, WHOLE]


def test_a_monitor_that_told_nothing_is_in_doubt_from_its_first_look() -> None:
    empty = op("monitor", 1.0, status=500, facts={"monitor": {}})
    later = op("monitor", 3.0, status=500, facts={"monitor": {"active_jobs": 0}})
    nameless = op("monitor", 4.0, status=500, worker=None)
    other = running(2.0, True, worker="b")

    found = check_dispatcher(outage(empty, other, later, nameless))

    assert found == [
        doubtful(4.0, "the monitor of worker ? never told anything"),
        doubtful(1.0, "the monitor of worker a never told anything"),
        held(2.0),
    ]


def test_a_look_without_the_claim_does_not_end_the_judging() -> None:
    looks = [monitor(1.0, active_jobs=1), running(16.2, True), running(2.0, False)]

    assert [one.at_s for one in check_dispatcher(outage(*looks))] == [16.2, 2.0]


# -- health ----------------------------------------------------------------------------------


def test_health_is_held_or_broken_at_its_instant() -> None:
    found = check_health(outage(health(1.0), health(2.0, 503), health(3.0, 503, worker=None)))

    assert found == [
        held(1.0),
        broken(2.0, "a health check says well", "worker a answers 503"),
        broken(3.0, "a health check says well", "worker ? answers 503"),
    ]


def test_health_that_keeps_silent_where_the_worker_serves_is_broken() -> None:
    silent = health(2.0, None, detail="no answer within 9.0 s")
    nobody = health(3.0, None, detail="no answer", worker=None)
    refused = health(4.0, None, detail="connection refused")

    found = check_health(outage(health(1.0), silent, nobody, refused))

    assert found == [
        doubtful(3.0, "the health check of worker ? never told anything"),
        held(1.0),
        broken(2.0, "a health check says well", "worker a: no answer within 9.0 s"),
        broken(3.0, "a health check says well", "worker ?: no answer"),
    ]


def test_health_of_a_wedged_worker_is_unwell_from_when_it_can_be_known() -> None:
    """From the declared notice after the fault is in place, until it is released."""
    looks = [health(at_s) for at_s in (12.4, 12.5, 17.8, 17.9)]

    found = check_health(long_outage(*looks, **WEDGED, health_notice_s=2.0))

    said = ("a health check says unwell", "worker a answers 200 while no submit can be accepted")
    assert found == [broken(12.5, *said), broken(17.8, *said)]


def test_health_of_a_wedged_worker_needs_no_notice_where_none_is_declared() -> None:
    found = check_health(outage(health(APPLIED), health(12.0, 503), **WEDGED))

    assert [(one.at_s, one.status) for one in found] == [
        (APPLIED, Status.BROKEN),
        (12.0, Status.HELD),
    ]


@pytest.mark.parametrize(
    ("at_s", "took_s", "worker", "judged"),
    [
        (11.0, 0.1, "a", False),
        (11.0, 0.1, "b", True),
        (11.0, 0.1, None, False),
        (APPLIED, 0.1, "a", False),
        (APPLIED - 0.1, 0.2, "a", True),
        (HEALED - 0.2, 0.1, "a", False),
        (HEALED - 0.1, 0.1, "a", True),
    ],
)
def test_a_job_that_was_taken_in_the_fault_shows_that_it_was_not_wedged(
    at_s: float, took_s: float, worker: str | None, judged: bool
) -> None:
    """By the worker that is looked at, or by nobody knows whom."""
    taken = submit(at_s, took_s=took_s, worker=worker)

    found = check_health(outage(taken, health(12.0), **WEDGED))

    assert bool(found) is judged


def test_health_is_no_longer_judged_where_service_never_was_whole() -> None:
    lacking = op("service", WHOLE, facts={"lacking": "worker a", "took_s": 9.0})

    assert check_health(outage(lacking, health(20.0, 503))) == []


@pytest.mark.parametrize(
    ("traits", "from_s"),
    [
        ({}, WHOLE),
        ({"crew": ["b"]}, WHOLE),
        ({"crew": ["a"]}, HEALED + 6.0),
        ({"crew": ["a"], "crew_seen": True}, WHOLE),
        ({"crew": ["a"], "crew_seen": True, "health_notice_s": 2.5}, WHOLE + 2.5),
    ],
)
def test_from_when_on_a_worker_serves_again(traits: dict[str, Any], from_s: float) -> None:
    looks = [health(from_s - 0.1, 503), health(from_s, 503)]

    assert [one.at_s for one in check_health(outage(*looks, **traits))] == [from_s]


# -- looks that outlast the fault --------------------------------------------------------------


@pytest.mark.parametrize(
    ("calm_s", "in_doubt"),
    [(1.2, True), (0.8, False)],
)
def test_a_fault_that_every_look_outlasted_is_in_doubt_where_looks_are_slow_anyway(
    calm_s: float, in_doubt: bool
) -> None:
    """A health check that waits for what it asks is slow in the fault alone, and rightly so."""
    before = op("health", 5.0, took_s=calm_s)
    past = op("health", 12.0, took_s=4.0)

    found = check_health(outage(before, past, **WEDGED))

    doubt = doubtful(
        12.0,
        "no look at worker a's health was over before the fault was: looks took 1.2 s where "
        "nothing was disturbed, too",
    )
    assert found == [held(5.0), *([doubt] if in_doubt else [])]


def test_one_look_within_the_fault_leaves_no_doubt() -> None:
    before = op("health", 5.0, took_s=1.0)
    looks = [op("health", 12.0, took_s=0.1, status=503), op("health", 12.5, took_s=4.0)]

    found = check_health(outage(before, *looks, **WEDGED))

    assert found == [held(5.0), held(12.0)]
