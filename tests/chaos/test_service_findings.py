"""Word for word what is found of service and requests, gauges and counters."""

from __future__ import annotations

import json
from typing import Any

import pytest

from queueproof.checkers.findings import Status
from queueproof.checkers.service import (
    check_counters,
    check_service,
)
from queueproof.history import ON_KEPT, Operation

from .histories import APPLIED, WHOLE, op, outage, submit
from .service_findings import DEAF, broken, doubtful, held, monitor, stats

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
