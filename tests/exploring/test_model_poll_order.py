"""What is said of the order of a job's polls, word for word, and of what may have been lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queueproof.exploring.model.causes import MARGIN_S
from queueproof.exploring.record import Act, StreamSeen
from queueproof.exploring.steps import Kind

from .poll_judgements import (
    BURST,
    END,
    NOTHING,
    START,
    disturbed,
    judged,
    kept,
    of,
    said,
    seen_at,
    took,
)
from .records import gave_up, job, poll, record, stream

# -- order -----------------------------------------------------------------------------------


def test_each_tick_is_an_occasion_and_the_end_another() -> None:
    whole = poll("a", START, 0, 1), poll("a", 2, 3, END)

    assert judged(job(), *whole) == kept(*["POLL-002"] * 5)
    assert judged(job()) == NOTHING


def test_a_tick_that_is_not_the_next_is_named_and_nothing_after_it_judged() -> None:
    found = judged(job(), poll("b", 0), poll("a", 2, 3), poll("c", 0, END), poll("c"))

    assert found.findings == said(
        "polls' order",
        "POLL-003",
        "tick 1 of job 1 next, once each, in order",
        "tick 2 via a (owner a), polled via a, b",
    )
    assert found.judged == {"POLL-001": 1, "POLL-003": 1}


def test_a_repeated_tick_is_named() -> None:
    assert judged(job(), poll("b", 0, 0)).findings == said(
        "polls' order",
        "POLL-001",
        "tick 1 of job 1 next, once each, in order",
        "tick 0 via b (owner a), polled via b",
    )


def test_after_a_wrong_order_no_missing_end_is_judged() -> None:
    seen = record(job(), poll("b", 0, 0))
    seen.unfinished = [(1, "b")]

    assert [one.rule for one in of(seen).findings] == ["polls' order"]


@pytest.mark.parametrize(
    ("readers", "requirement"),
    [
        ([poll("a", 0, 0)], "POLL-002"),
        ([poll("b", 0, 0)], "POLL-001"),
        ([poll("b", 0), poll("a", 0)], "POLL-003"),
        ([poll("b", 0), poll("c", 0)], "POLL-003"),
        ([poll("c", 0, of=2), poll("b", 0, 0)], "POLL-001"),
        ([stream("b", closed_s=0.5), poll("a", 0, 0)], "POLL-012"),
        ([stream("b", closed_s=0.49), poll("a", 0, 0)], "POLL-002"),
        ([stream("b", of=2), poll("a", 0, 0)], "POLL-002"),
        ([stream("b", closed_s=0.6), poll("a", 0), poll("a", 0, at_s=0.7)], "POLL-012"),
        ([stream("b", closed_s=0.45), gave_up("a", at_s=0.4), poll("a", 0, 0)], "POLL-004"),
        ([gave_up("a", at_s=0.4), stream("b"), poll("a", 0, 0)], "POLL-004"),
    ],
)
def test_the_requirement_is_that_of_the_company(
    readers: list[Act | StreamSeen], requirement: str
) -> None:
    [found] = judged(job(), *readers).findings

    assert found.requirement == requirement


def test_a_poll_that_was_given_up_counts_as_the_first() -> None:
    """A stream that was over when it began does not share the job with the polls."""
    left = took(poll("a", at_s=0.4, status=404), 0.41)
    early = stream("b", closed_s=0.3)
    later = stream("b", closed_s=0.45)

    for company, name in ((early, "POLL-002"), (later, "POLL-012")):
        given_up = replace(left, kind=Kind.GIVE_UP, status=200)
        [found] = judged(job(), company, given_up, poll("a", 0, 0)).findings
        assert found.requirement == name


def test_a_job_without_pauses_is_a_burst() -> None:
    burst = job(probe=BURST)

    assert judged(burst, poll("a", 0, 0)).findings[0].requirement == "POLL-010"
    assert judged(burst, stream("b"), poll("a", 0, 0)).findings[0].requirement == "POLL-012"


# -- what may have been lost -----------------------------------------------------------------


@pytest.mark.parametrize(("done_s", "lost"), [(0.75 + MARGIN_S, True), (0.8 + MARGIN_S, False)])
@pytest.mark.parametrize("how", ["given up", "disturbed"])
def test_what_was_done_until_an_answer_was_lost_may_have_travelled_in_it(
    how: str, done_s: float, lost: bool
) -> None:
    left = took(gave_up("b", at_s=0.5), 0.75)
    seen = record(seen_at(done_s, 2.0), left, poll("a", 1, at_s=2.1), until_s=3.0)
    if how == "disturbed":
        seen.acts[0] = replace(poll("b", at_s=0.5), ended_s=0.75)
        disturbed(seen, "b", 0.75, 0.8)

    assert [one.rule for one in of(seen).findings] == ["polls' order"] * (not lost)


def test_an_answer_beside_a_disturbance_of_its_worker_is_not_judged() -> None:
    """Nor does its worker count among those that were polled."""
    seen = record(job(), poll("b", 3, 3), poll("a", 0, 0, at_s=0.9))

    assert of(disturbed(seen, "b", 0.1, 0.6)).findings == said(
        "polls' order",
        "POLL-002",
        "tick 1 of job 1 next, once each, in order",
        "tick 0 via a (owner a), polled via a",
    )


def test_all_that_is_missing_must_have_been_lost() -> None:
    late = seen_at(0.1, 0.9, 0.95)

    assert judged(late, gave_up("b", at_s=0.2), poll("a", 1)).findings == []
    assert judged(late, gave_up("b", at_s=0.2), poll("a", 2, at_s=1.0)).findings == said(
        "polls' order",
        "POLL-004",
        "tick 0 of job 1 next, once each, in order",
        "tick 2 via a (owner a), polled via a, b",
    )


def test_a_tick_that_the_witness_never_heard_of_may_have_been_lost() -> None:
    assert judged(seen_at(), gave_up("b", at_s=0.2), poll("a", 1)) == kept("POLL-004")


def test_without_a_witness_any_tick_may_have_been_lost() -> None:
    seen = record(seen_at(5.0, 5.1), gave_up("b", at_s=0.2), poll("a", 1))
    seen.witnessed = False

    assert of(seen) == kept("POLL-004")


def test_after_a_loss_the_order_goes_on_from_what_came() -> None:
    found = judged(job(), gave_up("b", at_s=0.4), poll("a", 2, 2))

    assert found.findings[0].expected == "tick 3 of job 1 next, once each, in order"
    assert found.judged == {"POLL-004": 2}
