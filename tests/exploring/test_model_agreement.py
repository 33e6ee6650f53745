"""All readers of a job are told one end: who counts as one, and what is said of two stories."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from queueproof.exploring.model import Judgement, ModelFinding, judge
from queueproof.exploring.record import Act, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.history import EventKind

from .records import act, gave_up, job, poll, record, stream

END, ERROR, CANCELLED = EventKind.END, EventKind.ERROR, EventKind.CANCELLED
COMPLETED = stream("b", 0, 1, 2, 3, END, closed_s=0.5)


def told(*parts: Act | StreamSeen) -> Judgement:
    """What is said of job 1's one story, beside all else."""
    judgement = judge(record(job(), *parts, until_s=2.0))
    names = ("LIFE-003", "CANC-007")
    return Judgement(
        [one for one in judgement.findings if one.rule == "one story"],
        Counter({name: judgement.judged[name] for name in names if judgement.judged[name]}),
    )


def two_stories(requirement: str, *, completed: int = 1, cancelled: int = 1) -> Judgement:
    said = ModelFinding(
        rule="one story",
        requirement=requirement,
        expected="every reader of job 1 is told the same end",
        actual=f"{completed} were told that it completed, {cancelled} that it was cancelled",
        job=1,
    )
    return Judgement([said], Counter({requirement: 1}))


KEPT = Judgement([], Counter({"LIFE-003": 1}))


def test_readers_who_are_told_the_same_are_in_order() -> None:
    assert told(COMPLETED, replace(COMPLETED, number=2), poll("a", 0, 1, 2, 3, END)) == KEPT


def test_readers_who_are_told_two_stories_are_counted() -> None:
    others = [stream("a", CANCELLED, number=number) for number in (2, 3)]

    assert told(COMPLETED, *others, poll("c", 0, 1, 2, 3, END)) == two_stories(
        "LIFE-003", completed=2, cancelled=2
    )


@pytest.mark.parametrize("end", StreamEnd)
def test_an_end_counts_however_its_stream_was_closed(end: StreamEnd) -> None:
    assert told(COMPLETED, stream("c", CANCELLED, number=2, end=end)) == two_stories("LIFE-003")


@pytest.mark.parametrize(
    ("reading", "counts"),
    [
        (poll("c", CANCELLED), True),
        (replace(gave_up("c", at_s=0.5), events=poll("c", CANCELLED).events), True),
        (poll("c", CANCELLED, of=2), False),
        (replace(poll("c", CANCELLED), kind=Kind.INTRUDE, what="poll", accepted=False), False),
        (poll("c", ERROR, END), False),
        (stream("c", ERROR, END, number=2), False),
    ],
)
def test_who_is_told_another_story(reading: Act | StreamSeen, counts: bool) -> None:
    """A failure may be about a reading alone."""
    assert told(COMPLETED, reading) == (two_stories("LIFE-003") if counts else KEPT)


@pytest.mark.parametrize(
    "silent",
    [
        poll("c", 0, 1),
        poll("c", ERROR),
        stream("c", 0, 1),
        stream("c", ERROR),
    ],
)
def test_a_reading_without_an_end_is_no_story(silent: Act | StreamSeen) -> None:
    assert told(silent) == Judgement()
    assert told(silent, replace(COMPLETED, number=2)) == KEPT


@pytest.mark.parametrize(
    ("cancel_s", "requirement"), [(0.5, "LIFE-003"), (0.51, "CANC-007"), (0.4, "LIFE-003")]
)
def test_a_cancel_after_the_job_completed_is_named(cancel_s: float, requirement: str) -> None:
    """After the first reader was told so, by the last of the causes."""
    later = stream("a", 0, 1, 2, 3, END, number=2, closed_s=0.9, asked_s=0.9)
    cancels = [act(Kind.CANCEL, "c", at_s=at_s, ok=True) for at_s in (0.1, cancel_s)]

    assert told(COMPLETED, later, *cancels, poll("c", CANCELLED, at_s=0.8)) == two_stories(
        requirement, completed=2
    )


def test_every_job_has_a_story_of_its_own() -> None:
    parts = [COMPLETED, replace(COMPLETED, number=2, job=2), stream("b", CANCELLED, number=3, of=2)]

    found = judge(record(job(), job(2), *parts)).findings

    assert [(one.requirement, one.job) for one in found if one.rule == "one story"] == [
        ("LIFE-003", 2)
    ]
