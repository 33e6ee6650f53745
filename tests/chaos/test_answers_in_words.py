"""Word for word what is found of answers and cancels, and exactly where each bound lies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queueproof.checkers.answers import check_answered, check_cancelled
from queueproof.checkers.findings import Status

from .expected_findings import broken, cancel, doubtful, held, op
from .histories import (
    APPLIED,
    HEALED,
    OVER,
    WHOLE,
    outage,
    statuses,
    submit,
    work,
)

# -- answers -------------------------------------------------------------------------------


def test_answers_are_held_or_broken_in_words() -> None:
    late = op("submit", 1.0, took_s=3.04, facts={"errand": 3})
    silent = op("poll", 2.0, took_s=7.0, status=None, detail="no answer within 7.0 s", worker=None)
    refused = op("cancel", 3.0, status=None, detail="connection refused", job=None)

    assert check_answered(outage(op("submit", 0.5), late, silent, refused)) == [
        held(0.5),
        broken(1.0, "a submit is answered within 2 s", "worker a: 200 after 3.0 s", errand=3),
        broken(
            2.0, "a poll is answered within 4 s", "worker ?: no answer within 7.0 s", errand=None
        ),
        held(3.0, job=""),
    ]


@pytest.mark.parametrize("kind", ["submit", "poll", "cancel", "monitor", "stream"])
def test_every_request_of_a_client_is_judged(kind: str) -> None:
    late = op(kind, 1.0, took_s=20.0, facts={"answered_s": 15.0})

    assert statuses(check_answered(outage(late))) == [Status.BROKEN]
    assert check_answered(outage(replace(late, kind="lookup"))) == []


@pytest.mark.parametrize(
    ("kind", "bound_s"),
    [("submit", 3.0), ("poll", 5.0), ("stream", 5.0), ("monitor", 3.0)],
)
def test_the_bound_of_a_quiet_answer(kind: str, bound_s: float) -> None:
    """The declared time with a second for our own way, and what a poll or a start may take."""
    within = op(kind, 1.0, took_s=8.0, facts={"answered_s": bound_s})
    beyond = op(kind, 1.0, took_s=8.0, facts={"answered_s": bound_s + 0.01})

    assert statuses(check_answered(outage(within, beyond))) == [Status.HELD, Status.BROKEN]


@pytest.mark.parametrize(
    ("at_s", "took_s", "spared"),
    [
        (APPLIED - 5.0, 4.9, False),
        (APPLIED - 5.0, 5.0, True),
        (WHOLE - 0.01, 5.0, True),
        (WHOLE, 5.0, False),
        (HEALED, 5.0, True),
        (HEALED, 6.0, True),
        (HEALED, 6.1, False),
    ],
)
def test_an_answer_that_meets_the_outage_has_its_bound(
    at_s: float, took_s: float, spared: bool
) -> None:
    found = check_answered(outage(op("submit", at_s, took_s=took_s)))

    assert statuses(found) == [Status.HELD if spared else Status.BROKEN]


def test_an_open_stream_counts_by_its_first_answer_and_a_request_without_end_to_the_last() -> None:
    opened = op("stream", 1.0, took_s=30.0)
    never = op("stream", 1.0, took_s=30.0, status=None, detail="connection lost")
    unended = replace(op("submit", 20.0), ended_s=None)

    assert check_answered(outage(opened, never, unended)) == [
        held(1.0),
        broken(1.0, "a stream is answered within 4 s", "worker a: None after 30.0 s", errand=None),
        broken(
            20.0,
            "a submit is answered within 2 s",
            f"worker a: 200 after {OVER + 0.1 - 20.0:.1f} s",
            errand=None,
        ),
    ]


@pytest.mark.parametrize(
    ("at_s", "took_s", "worker", "asked"),
    [
        (APPLIED - 5.0, 4.9, "a", True),
        (APPLIED - 5.0, 5.0, "a", False),
        (WHOLE, 9.0, "a", False),
        (WHOLE + 0.01, 9.0, "a", True),
        (12.0, 9.0, "b", True),
        (12.0, 9.0, None, True),
    ],
)
def test_who_is_silenced_need_not_answer(
    at_s: float, took_s: float, worker: str | None, asked: bool
) -> None:
    request = op("submit", at_s, took_s=took_s, worker=worker)

    assert bool(check_answered(outage(request, silenced=["a"]))) is asked
    ours = replace(request, facts={"ours": True})
    assert check_answered(outage(ours)) == []


def test_where_all_was_refused_nobody_knows_who_answered() -> None:
    refused = [op("submit", 1.0, status=400), op("poll", 2.0, status=None, detail="refused")]
    silent = op("submit", 3.0, took_s=9.0, status=None, detail="no answer")
    found = check_answered(outage(*refused, silent))

    said = "no request was answered but by a refusal"
    assert found[:2] == [doubtful(1.0, said, job=""), doubtful(2.0, said, job="")]
    assert found[2].status is Status.BROKEN
    assert statuses(check_answered(outage(*refused, op("monitor", 4.0, status=399)))) == [
        *[Status.HELD] * 3
    ]


# -- cancels -------------------------------------------------------------------------------


def test_a_cancel_is_held_broken_or_in_doubt_in_words() -> None:
    bound = submit(ticks=9), cancel(3.0)

    assert check_cancelled(outage(*bound, work(0, 1, from_s=3.0))) == [held(3.0)]
    assert check_cancelled(outage(*bound, work(0, 1, 2, from_s=2.01))) == [
        broken(
            4.01,
            "the work stops within 1 s of a cancel's success",
            "it went on for 1.0 s, 3 of 9 ticks were done",
        )
    ]
    natural = submit(ticks=2), cancel(3.0), work(0, 1, from_s=2.5)
    assert check_cancelled(outage(*natural)) == [
        doubtful(3.5, "the job came to its own end meanwhile")
    ]


def test_a_job_that_was_over_before_its_cancel_is_in_order() -> None:
    early = submit(ticks=2), cancel(3.0), work(0, 1, from_s=2.0)

    assert check_cancelled(outage(*early)) == [held(3.0)]


def test_the_first_cancel_that_claims_success_counts() -> None:
    """What was refused, what was never answered, and what nobody saw at work, tell nothing."""
    refused, success = cancel(2.0, claims=False), cancel(3.0)
    seen = work(0, from_s=2.5)

    assert check_cancelled(outage(submit(), refused, success, cancel(9.0), seen)) == [held(3.0)]
    assert check_cancelled(outage(submit(), refused, seen)) == []
    assert check_cancelled(outage(submit(), success)) == []
    unended = replace(success, ended_s=None)
    assert check_cancelled(outage(submit(), unended, seen)) == []


def test_a_cancel_that_waited_for_a_stopped_worker_may_come_too_late() -> None:
    waited = [submit(9.0, ticks=2), cancel(9.5, took_s=5.0), work(0, 1, from_s=10.0)]

    assert check_cancelled(outage(*waited, silenced=["a"])) == []
    assert statuses(check_cancelled(outage(*waited))) == [Status.DOUBTFUL]


@pytest.mark.parametrize(
    ("cancelled_s", "last_s", "status"),
    [
        (APPLIED - 1.0, APPLIED + 3.0, Status.BROKEN),
        (APPLIED - 0.9, HEALED + 1.0, Status.HELD),
        (APPLIED - 0.9, HEALED + 1.1, Status.BROKEN),
        (HEALED - 0.1, HEALED + 1.0, Status.HELD),
        (HEALED, HEALED + 1.0, Status.HELD),
        (HEALED, HEALED + 1.1, Status.BROKEN),
    ],
)
def test_an_owner_that_is_cut_off_hears_of_a_cancel_when_it_is_back(
    cancelled_s: float, last_s: float, status: Status
) -> None:
    told = [submit(8.0, ticks=99), cancel(cancelled_s), work(0, from_s=last_s)]
    other = op("monitor", 1.0, worker="b")

    assert statuses(check_cancelled(outage(*told, other, struck=["a"]))) == [status]
