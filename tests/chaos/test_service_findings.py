"""Word for word what the checkers of service say, and exactly from which instant to which."""

from __future__ import annotations

import json
from typing import Any

import pytest

from queueproof.checkers.findings import Finding, Status
from queueproof.checkers.history_parser import read_story
from queueproof.checkers.outage_history import OutageHistory
from queueproof.checkers.service import (
    check_counters,
    check_dispatcher,
    check_health,
    check_service,
)
from queueproof.history import ON_KEPT, Operation

from .histories import APPLIED, HEALED, WHOLE, frame, op, outage, submit

DEAF = {"deafens": True, "struck": ["a"]}
WEDGED = {"wedges": True, "struck": ["a"]}


def held(at_s: float, job: str = "") -> Finding:
    return Finding(at_s=at_s, job=job)


def broken(at_s: float, expected: str, actual: str, **rest: Any) -> Finding:
    return Finding(at_s=at_s, status=Status.BROKEN, expected=expected, actual=actual, **rest)


def doubtful(at_s: float, actual: str, **rest: Any) -> Finding:
    return Finding(at_s=at_s, status=Status.DOUBTFUL, actual=actual, **rest)


def monitor(at_s: float, *, took_s: float = 0.1, **told: Any) -> Operation:
    process = told.pop("process", "p1")
    worker = told.pop("worker", "a")
    return op(
        "monitor",
        at_s,
        took_s=took_s,
        worker=worker,
        facts={"monitor": told, "process": process},
    )


def running(at_s: float, claim: bool, **rest: Any) -> Operation:
    return monitor(at_s, cancel_dispatcher_running=claim, **rest)


def stats(
    at_s: float, process: str | None = "p1", worker: str | None = "a", **counters: Any
) -> Operation:
    return monitor(at_s, process=process, worker=worker, cancel_stats=counters)


def health(at_s: float, status: int | None = 200, **rest: Any) -> Operation:
    return op("health", at_s, status=status, **rest)


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


# -- full service, and requests ----------------------------------------------------------------


def test_full_service_is_held_or_broken_with_its_bound_and_what_lacked() -> None:
    whole = op("service", 16.0, facts={"took_s": 2.0})
    lacking = op("service", 20.0, facts={"lacking": "worker b takes no job", "took_s": 6.04})
    at_once = op("service", 21.0, facts={"lacking": "nothing serves"})

    found = check_service(outage(whole, lacking, at_once))

    within = "full service within 6 s of the heal, without a restart"
    assert found == [
        held(16.0),
        broken(20.0, within, "after 6.0 s: worker b takes no job"),
        broken(21.0, within, "after 0.0 s: nothing serves"),
    ]


def test_requests_of_quiet_times_are_held_or_broken() -> None:
    refused = op("submit", 2.0, status=400, detail="no", job="x", facts={"errand": 3})
    lost = op("predict", 3.0, status=None, detail="connection lost")

    found = check_service(outage(submit(1.0), op("cancel", 1.5, status=399), refused, lost))

    assert found == [
        held(1.0, job="j"),
        held(1.5),
        broken(2.0, "a submit is accepted, for nothing is disturbed", "400 no", job="x", errand=3),
        broken(3.0, "a predict is accepted, for nothing is disturbed", "connection lost"),
    ]


@pytest.mark.parametrize("status", [401, 403, 407, 408, 425, 429])
def test_what_is_refused_for_the_clients_sake_is_in_doubt(status: int) -> None:
    told = op("submit", 1.0, status=status, detail="slow down", job="x")
    mute = op("cancel", 2.0, status=status)

    assert check_service(outage(told, mute)) == [
        doubtful(1.0, f"a submit got {status} slow down", job="x"),
        doubtful(2.0, f"a cancel got {status}"),
    ]


@pytest.mark.parametrize(
    ("kind", "status", "judged"),
    [
        ("cancel", 404, 0),
        ("cancel", 499, 0),
        ("cancel", 500, 1),
        ("cancel", None, 1),
        ("submit", 404, 1),
    ],
)
def test_a_cancel_that_is_refused_tells_nothing_of_service(
    kind: str, status: int | None, judged: int
) -> None:
    found = check_service(outage(op(kind, 1.0, status=status), op("submit", 2.0)))

    assert [one.status for one in found] == [*[Status.BROKEN] * judged, Status.HELD]


def test_requests_of_ours_and_those_in_the_outage_are_not_judged() -> None:
    ours = op("submit", 1.0, status=500, facts={"ours": True})
    met = op("submit", APPLIED - 1.0, took_s=1.0, status=500)
    inside = op("submit", WHOLE - 0.01, status=500)
    after = op("submit", WHOLE, status=500)
    unended = Operation(
        number=0, case="", kind="submit", invoked_s=2.0, status=500, worker="a", job=None
    )

    found = check_service(outage(ours, met, inside, after, unended))

    assert [one.at_s for one in found] == [WHOLE, 2.0]


def test_one_kept_connection_may_be_closed_in_the_moment_of_a_request() -> None:
    lost = [
        op("submit", at_s, status=None, detail=f"connection lost{ON_KEPT}") for at_s in (1, 3, 4)
    ]

    found = check_service(outage(lost[0], op("submit", 2.0), *lost[1:]))

    assert [(one.at_s, one.status) for one in found] == [
        (2.0, Status.HELD),
        (3, Status.BROKEN),
        (4, Status.BROKEN),
    ]


# -- gauges and counters -------------------------------------------------------------------------


def rest(at_s: float, after_s: float | None = None, **told: Any) -> Operation:
    worker = told.pop("worker", "a")
    facts: dict[str, Any] = {"monitor": told} if told else {}
    return op(
        "rest",
        at_s,
        worker=worker,
        facts=facts if after_s is None else {**facts, "after_s": after_s},
    )


def test_gauges_at_rest_are_held_broken_or_in_doubt() -> None:
    found = check_counters(
        outage(
            rest(30.0),
            rest(31.0, cancel_stats=3, active_jobs="some", worker=None),
            rest(32.0, active_jobs=0, bridge_count=0, other=3),
            rest(33.0, 4.6, active_jobs=2, bridge_count=0, background_task_count=1),
            rest(34.0, consumer_wrapper_count=1, worker=None),
        )
    )

    zero = "every gauge is 0 once all jobs are over and all readers gone"
    assert found == [
        doubtful(30.0, "the monitor of worker a told no gauge"),
        doubtful(31.0, 'worker ?: no number: active_jobs "some"'),
        held(32.0),
        broken(33.0, zero, "worker a: active_jobs 2, background_task_count 1, 5 s afterwards"),
        broken(34.0, zero, "worker ?: consumer_wrapper_count 1, 0 s afterwards"),
    ]


def test_a_gauge_that_is_no_number_is_in_doubt_beside_those_that_are() -> None:
    found = check_counters(
        outage(
            rest(30.0, active_jobs=None, bridge_count=0),
            rest(31.0, active_jobs="0" * 90, bridge_count=2),
        )
    )

    assert found == [
        doubtful(30.0, "worker a: no number: active_jobs null"),
        doubtful(31.0, f'worker a: no number: active_jobs "{"0" * 39}'),
        broken(
            31.0,
            "every gauge is 0 once all jobs are over and all readers gone",
            "worker a: bridge_count 2, 0 s afterwards",
        ),
    ]


def test_a_counter_that_falls_is_named_with_both_values() -> None:
    looks = [
        stats(1.0, received=3, published=1, lost=2),
        stats(2.0, received=2, published=1),
        stats(3.0, process="p2", received=0),
        stats(4.0, process=None, received=9),
        stats(5.0, process=None, received=1),
        monitor(6.0, active_jobs=1, process="p2"),
    ]

    assert check_counters(outage(*looks)) == [
        broken(2.0, "a counter never falls", "worker a: received 3 → 2, lost 2 → 0")
    ]
    [found] = check_counters(outage(stats(1.0, received=1), stats(2.0, worker=None, received=0)))
    assert found.actual == "worker ?: received 1 → 0"


@pytest.mark.parametrize("told", ["three", ["received"], None, True, {"of": 3}])
def test_a_counter_that_is_no_number_has_not_fallen_and_is_in_doubt(told: Any) -> None:
    looks = [stats(1.0, received=3), stats(2.0, received=told), stats(3.0, received=3)]

    said = f"worker a: no number: received {json.dumps(told)}"
    assert check_counters(outage(*looks, **DEAF)) == [doubtful(2.0, said)]
    assert check_counters(outage(stats(1.0, dispatcher_reconnects=told), stats(20.0), **DEAF)) == []


@pytest.mark.parametrize("told", ["none", ["received"], None, 7])
def test_counters_that_are_no_longer_told_have_fallen_to_nothing(told: Any) -> None:
    [found] = check_counters(outage(stats(1.0, received=3), monitor(2.0, cancel_stats=told)))

    assert found.actual == "worker a: received 3 → 0"


def test_a_reconnection_is_counted_from_before_the_fault_to_after_it() -> None:
    looks = [
        stats(1.0, dispatcher_reconnects=9),
        stats(2.0, dispatcher_reconnects=9),
        stats(12.0, dispatcher_reconnects=9),
        stats(WHOLE, dispatcher_reconnects=9),
        stats(30.0, dispatcher_reconnects=10),
    ]
    short = looks[:4]

    assert check_counters(outage(*looks, **DEAF)) == [held(30.0)]
    assert check_counters(outage(*short, **DEAF)) == [
        broken(
            WHOLE,
            "dispatcher_reconnects rises by an outage that cut the dispatcher off",
            "worker a: 9 before, 9 after",
        )
    ]


@pytest.mark.parametrize(
    "looks",
    [
        [stats(12.0, dispatcher_reconnects=1), stats(20.0, dispatcher_reconnects=1)],
        [stats(APPLIED - 0.1, dispatcher_reconnects=1), stats(20.0, dispatcher_reconnects=1)],
        [stats(1.0, dispatcher_reconnects=1), stats(WHOLE - 0.1, dispatcher_reconnects=1)],
        [stats(1.0), stats(20.0, dispatcher_reconnects=1)],
        [stats(1.0, dispatcher_reconnects=1), stats(20.0, dispatcher_reconnects="1")],
        [monitor(1.0, active_jobs=1), monitor(20.0, active_jobs=1)],
        [
            stats(1.0, worker="b", dispatcher_reconnects=1),
            stats(20.0, worker="b", dispatcher_reconnects=1),
        ],
        [
            stats(1.0, dispatcher_reconnects=1),
            stats(20.0, process="p2", dispatcher_reconnects=1),
        ],
    ],
    ids=["in it", "into it", "before whole", "unsaid", "a text", "no counters", "other", "new"],
)
def test_a_reconnection_is_asked_for_only_where_both_ends_are_known(
    looks: list[Operation],
) -> None:
    found = check_counters(outage(*looks, **DEAF))

    assert [one for one in found if "reconnects rises" in one.expected] == []


def test_a_worker_without_a_word_does_not_end_the_judging_of_the_others() -> None:
    looks = [
        stats(1.0, process="p0", worker="b", dispatcher_reconnects=1),
        stats(20.0, process="p0", worker="b", dispatcher_reconnects=1),
        stats(1.0, process="p1"),
        stats(20.0, process="p1"),
        stats(1.0, process="p2", dispatcher_reconnects=1),
        stats(21.0, process="p2", dispatcher_reconnects=1),
    ]

    [found] = check_counters(outage(*looks, **DEAF))

    assert (found.at_s, found.actual) == (21.0, "worker a: 1 before, 1 after")
