"""What is said of polls without an answer, refused ones, and those after the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from queueproof.exploring.model import Judgement, ModelFinding
from queueproof.exploring.record import Act, JobSeen, Record, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.probe import Probe

from .poll_judgements import (
    CANCELLED,
    END,
    ERROR,
    FAILING,
    NOTHING,
    START,
    disturbed,
    judged,
    kept,
    of,
    said,
)
from .records import ENDLESS, act, gave_up, job, poll, record, stream

# -- without an answer -----------------------------------------------------------------------


def unanswered(took_s: float, detail: str = "") -> Act:
    one = poll("b", status=None, at_s=1.0)
    return replace(one, ended_s=1.0 + took_s, detail=detail)


def test_a_poll_is_answered_within_its_bound() -> None:
    """The hold and the time of an answer."""
    found = judged(job(), unanswered(4.0), poll("b", 0, 0, at_s=6.0), until_s=7.0)

    assert found.findings == said(
        "a poll's answer",
        "POLL-006",
        "a poll of job 1 via b is answered within 4.0 s",
        "no answer after 4.0 s",
    )
    assert found.judged == {"POLL-006": 1}


def test_a_poll_that_was_lost_before_its_bound_is_as_one_that_was_given_up() -> None:
    lost = unanswered(3.75)

    assert judged(job(), lost, poll("b", 0, 0, at_s=6.0), until_s=7.0).findings == said(
        "polls' order",
        "POLL-004",
        "tick 1 of job 1 next, once each, in order",
        "tick 0 via b (owner a), polled via b",
    )
    assert judged(job(), replace(unanswered(4.0), given_up=True), until_s=7.0) == NOTHING


def test_a_poll_after_the_end_is_answered_within_its_bound_too() -> None:
    silent = replace(unanswered(5.0, "timed out"), via="c")

    found = judged(job(), poll("b", 0, 1, 2, 3, END), silent, poll("b", 0, at_s=6.5), until_s=7.0)

    assert found.findings == said(
        "a poll's answer",
        "POLL-005",
        "a poll of job 1 via c is answered within 4.0 s",
        "timed out after 5.0 s, though the end had been told before",
    )


# -- refused ---------------------------------------------------------------------------------


def refused(at_s: float = 0.5, status: int = 404, detail: str = "") -> Act:
    return replace(poll("b", at_s=at_s, status=status), detail=detail)


def test_a_job_can_be_polled() -> None:
    found = judged(job(), poll("b", 0), refused(detail="unknown"), poll("b", 0))

    assert found.findings == said(
        "a poll's answer", "POLL-001", "job 1 can be polled via b", "404 unknown"
    )
    assert found.judged == {"POLL-001": 2}


@pytest.mark.parametrize(
    ("polls", "requirements"),
    [
        ([refused(status=410)], ["POLL-001"]),
        ([gave_up("b", at_s=0.2), refused(status=410), poll("b", 0, 0)], []),
        ([gave_up("b", at_s=0.2), refused(status=404)], ["POLL-004"]),
        ([refused(status=201)], ["POLL-001"]),
    ],
)
def test_a_job_may_be_gone_for_whom_did_not_wait_for_its_end(
    polls: list[Act], requirements: list[str]
) -> None:
    """Then no more is judged."""
    found = judged(job(), *polls)

    assert [one.requirement for one in found.findings] == requirements


ENDED = replace(job(probe=Probe(ticks=1, witnessed=True)), sightings=[(0, 0.5)])


@pytest.mark.parametrize(("at_s", "accused"), [(4.5, True), (4.75, False)])
def test_a_job_may_be_forgotten_when_half_its_time_to_live_is_over(
    at_s: float, accused: bool
) -> None:
    """After its end, or what may have ended it; nothing after that is judged."""
    cancel = act(Kind.CANCEL, "c", at_s=0.5, ok=False)
    again = poll("b", 0, 0, at_s=5.0)
    works_on = replace(job(probe=ENDLESS), answered_s=5.0)

    for seen in (judged(ENDED, refused(at_s), again), judged(works_on, cancel, refused(at_s))):
        assert [one.rule for one in seen.findings] == ["a poll's answer"] * accused


def test_a_job_may_be_forgotten_for_the_first_of_its_ends() -> None:
    cancels = [act(Kind.CANCEL, "c", at_s=at_s, ok=True) for at_s in (0.5, 3.0)]
    works_on = replace(job(probe=ENDLESS), answered_s=5.0)
    ended_later = replace(ENDED, sightings=[(0, 3.0)], answered_s=5.0)

    assert judged(works_on, *cancels, refused(4.75)) == NOTHING
    assert judged(ended_later, cancels[0], refused(4.75)) == NOTHING
    assert judged(ENDED, cancels[1], refused(4.75)) == NOTHING


# -- after the end ---------------------------------------------------------------------------

WHOLE = poll("b", 0, 1, 2, 3, END)


def after(*polls: Act) -> Judgement:
    """What is said of polls after the whole story had been told through b."""
    judgement = judged(job(), WHOLE, *polls, until_s=6.0)
    judgement.judged -= Counter({"POLL-001": 5})
    return judgement


@pytest.mark.parametrize(
    "again",
    [
        poll("b", END, at_s=0.7),
        poll("b", CANCELLED, at_s=0.7),
        poll("b", at_s=0.7, status=410),
        poll("c", END, at_s=0.7, status=500),
    ],
)
def test_the_end_is_told_again(again: Act) -> None:
    first = "POLL-005" if again.via == "b" else "POLL-003"

    assert after(again) == kept(first, "POLL-005")


def test_a_poll_after_the_end_that_tells_nothing_is_named_and_no_more_judged() -> None:
    mute = replace(poll("c", START, ERROR, at_s=0.7), detail="empty")
    found = after(mute, poll("c", at_s=0.8))

    assert found.findings == said(
        "a poll after the end",
        "POLL-005",
        "the terminal event of job 1 again, or 410",
        "200 empty via c, events: ['start', 'error']",
    )
    assert found.judged == {"POLL-003": 1, "POLL-005": 1}


@pytest.mark.parametrize(("via", "requirement"), [("b", "POLL-005"), ("a", "POLL-003")])
def test_ticks_after_the_end_are_named_and_the_next_poll_judged(via: str, requirement: str) -> None:
    """Through the same worker, or through another."""
    again = poll(via, 0, 1, 2, 3, 0, 1, END, at_s=0.7)

    found = after(again, poll(via, at_s=0.8))

    assert found.findings == [
        *said(
            "polls' order",
            requirement,
            "no tick of job 1 again after its end was told",
            f"ticks [0, 1, 2, 3, 0] again via {via}",
        ),
        *said(
            "a poll after the end",
            "POLL-005",
            "the terminal event of job 1 again, or 410",
            f"200 via {via}, events: []",
        ),
    ]


def test_after_the_end_a_job_may_be_forgotten_in_time() -> None:
    assert after(poll("b", at_s=5.0, status=404), poll("b", 0, at_s=5.5)) == NOTHING


def test_a_story_that_was_told_is_not_one_without_an_end() -> None:
    seen = record(job(), WHOLE)
    seen.unfinished = [(1, "b")]

    assert of(seen).findings == []


# -- no end ----------------------------------------------------------------------------------


def unfinished(*parts: Act | StreamSeen, seen: JobSeen | None = None) -> Record:
    one = record(seen or job(), poll("b", 0), *parts)
    one.unfinished = [(2, "c"), (1, "c"), (1, "ab"), (2, "d")]
    return one


def no_end(requirement: str, ticks: str = "1 of 4") -> list[ModelFinding]:
    return said(
        "polls' end",
        requirement,
        "polls of job 1 come to its end",
        f"no end by polling via a, b, with {ticks} ticks",
    )


def test_polls_come_to_an_end() -> None:
    found = of(unfinished())

    assert found == Judgement(no_end("POLL-001"), Counter({"POLL-001": 2}))
    others = unfinished()
    others.unfinished = [(2, "c")]
    assert of(others) == kept("POLL-001")


@pytest.mark.parametrize(
    ("via", "from_s", "until_s", "judged_all_the_same"),
    [
        ("b", 1.0, 1.0, False),
        ("b", 1.1, 2.0, True),
        ("b", -1.0, 0.0, False),
        ("b", -1.0, -0.1, True),
        ("c", 0.9, 2.0, True),
    ],
)
def test_an_end_is_not_owed_by_a_worker_that_was_out_of_order(
    via: str, from_s: float, until_s: float, judged_all_the_same: bool
) -> None:
    """At any time from the submit to the last look."""
    seen = disturbed(unfinished(), via, from_s, until_s)

    assert bool(of(seen).findings) is judged_all_the_same


LEFT = stream("c", 0, end=StreamEnd.DROPPED, asked_s=0.1, closed_s=0.3)
CANCEL = act(Kind.CANCEL, "c", at_s=0.3, ok=True)


@pytest.mark.parametrize(
    ("parts", "requirement"),
    [
        ([CANCEL], "POLL-009"),
        ([LEFT], "POLL-009"),
        ([poll("b", at_s=6.0)], "WDOG-008"),
        ([poll("b", at_s=6.0), CANCEL], "POLL-009"),
    ],
)
def test_an_end_that_is_missing_is_named_for_what_may_have_ended_the_job(
    parts: list[Act | StreamSeen], requirement: str
) -> None:
    for probe, ticks in ((ENDLESS, "1 of 400"), (FAILING, "1 of 3")):
        found = of(unfinished(*parts, seen=job(probe=probe)))
        assert found.findings == no_end(requirement, ticks)


def test_the_end_of_a_job_whose_worker_was_out_of_order_is_named_first() -> None:
    seen = disturbed(unfinished(CANCEL, LEFT), "a", 0.4, 0.45)

    assert of(seen).findings == no_end("LIFE-001")


def test_the_missing_end_of_a_failing_job_is_named() -> None:
    assert of(unfinished(seen=job(probe=FAILING))).findings == no_end("POLL-008", "1 of 3")
