"""What polls tell of a job's end, word for word, and which end is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queueproof.exploring.record import Act
from queueproof.exploring.steps import Kind
from queueproof.history import EventKind
from queueproof.probe import Probe

from .poll_judgements import (
    CANCELLED,
    END,
    ERROR,
    FAILING,
    GRACE_S,
    NOTHING,
    judged,
    kept,
    said,
    seen_at,
    took,
)
from .records import ENDLESS, act, gave_up, job, poll

# -- the story -------------------------------------------------------------------------------


def told(may: str) -> str:
    return f"job 1 {may}, with the ticks that go with it"


def by(via: str, ending: str, ticks: str, owner: str = "a") -> str:
    return f"polls (the last via {via}, owner {owner}) tell: {ending}, after {ticks} ticks"


def test_a_completed_job_has_all_its_ticks() -> None:
    short = judged(job(), poll("b", 0, 1, 2, END), poll("b", 0))

    assert short.findings == said(
        "polls' story", "POLL-001", told("completed"), by("b", "completed", "3 of 4")
    )
    assert short.judged == {"POLL-001": 4}
    assert judged(job(), poll("b", 0, 1, 2, 3, END)).findings == []


def test_ticks_that_may_have_been_lost_are_not_missed_at_the_end() -> None:
    late = seen_at(0.1, 0.2, 0.3, 0.9, probe=Probe(ticks=4, witnessed=True))

    left = took(gave_up("b", at_s=0.3), 0.8)
    assert judged(late, left, poll("a", 0, 1, END, at_s=1.0)) == kept(*["POLL-004"] * 3)
    left = took(left, 0.5)
    assert judged(late, left, poll("a", 0, 1, END, at_s=1.0)).findings == said(
        "polls' story", "POLL-004", told("completed"), by("a", "completed", "2 of 4")
    )


@pytest.mark.parametrize(
    "polls",
    [
        [poll("a", 0, 1, 2, ERROR, END)],
        [poll("a", 0, 1, 2, ERROR), poll("b", END)],
        [poll("a", 0, 1, 2, ERROR), poll("b"), poll("b", END)],
    ],
)
def test_a_failed_job_is_told_as_failed(polls: list[Act]) -> None:
    found = judged(job(probe=FAILING), *polls)

    assert found.findings == []
    assert found.judged["POLL-008"] == 1


def test_a_failed_job_that_is_told_as_completed_is_named() -> None:
    assert judged(job(probe=FAILING), poll("b", 0, 1, 2, END)).findings == said(
        "polls' story", "POLL-008", told("failed"), by("b", "completed", "3 of 3")
    )


@pytest.mark.parametrize(("last_s", "accused"), [(0.3, False), (0.5, True)])
def test_an_error_may_have_been_lost_with_the_last_tick(last_s: float, accused: bool) -> None:
    """What was done until 0.16 s and the margin."""
    seen = seen_at(0.1, 0.2, last_s, probe=FAILING)

    found = judged(seen, gave_up("b", at_s=0.1), poll("a", 0, 1, 2, END, at_s=0.6)).findings

    assert [one.requirement for one in found] == ["POLL-008"] * accused


@pytest.mark.parametrize(
    ("probe", "told_by", "may", "requirement", "ending"),
    [
        (ENDLESS, (0, CANCELLED), "completed", "WDOG-002", "cancelled"),
        (ENDLESS, (0, ERROR, END), "completed", "WDOG-002", "failed"),
        (FAILING, (0, CANCELLED), "failed", "POLL-009", "cancelled"),
    ],
)
def test_an_end_that_nothing_allowed_is_named(
    probe: Probe, told_by: tuple[int | EventKind, ...], may: str, requirement: str, ending: str
) -> None:
    ticks = f"1 of {len(probe.expected_ticks)}"

    found = judged(job(probe=probe, done=3), poll("b", *told_by))

    assert found.findings == said("polls' story", requirement, told(may), by("b", ending, ticks))


def test_who_is_named_for_an_early_end_is_told_by_its_instant() -> None:
    intrusion = act(Kind.INTRUDE, "c", at_s=0.505, ok=False, what="cancel")
    later = replace(intrusion, asked_s=0.52)

    for intruding, name in ((intrusion, "CANC-009"), (later, "WDOG-002")):
        [found] = judged(job(probe=ENDLESS), poll("b", CANCELLED), intruding).findings
        assert found.requirement == name


@pytest.mark.parametrize(("cancel_s", "accused"), [(0.505, False), (0.52, True)])
def test_a_cancelled_job_may_be_told_as_cancelled(cancel_s: float, accused: bool) -> None:
    """The poll was asked for at 0.5 s, and answered at 0.51 s."""
    cancel = act(Kind.CANCEL, "c", at_s=cancel_s, ok=True)
    found = judged(job(probe=ENDLESS), cancel, poll("b", 0, CANCELLED))

    assert bool(found.findings) is accused
    assert found.judged == {"POLL-001": 1, "WDOG-002" if accused else "POLL-009": 1}


def test_a_cancelled_job_that_is_told_as_failed_is_named_with_all_that_may_be() -> None:
    cancel = act(Kind.CANCEL, "c", at_s=0.2, ok=True)

    assert judged(job(probe=ENDLESS), cancel, poll("b", ERROR, END)).findings == said(
        "polls' story", "WDOG-002", told("cancelled or completed"), by("b", "failed", "0 of 400")
    )


# -- the grace of a start --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first_s", "ended_s", "sightings", "excused"),
    [
        (0.0, GRACE_S, (), True),
        (0.5, 0.5 + GRACE_S, (), True),
        (0.5, 0.49 + GRACE_S, (), False),
        (0.5, 0.5 + GRACE_S, (0.5 + GRACE_S - 1.0,), True),
        (0.5, 0.5 + GRACE_S, (0.49 + GRACE_S - 1.0,), False),
    ],
)
def test_a_reading_that_its_grace_has_ended_is_no_end_of_the_job(
    first_s: float, ended_s: float, sightings: tuple[float, ...], excused: bool
) -> None:
    """Counted from the first poll; what is told afterwards is judged."""
    polls = [
        poll("b", at_s=first_s),
        took(poll("b", ERROR, END, at_s=first_s + 0.25), ended_s),
        poll("b", 0, 0, at_s=2.9),
    ]

    [found] = judged(seen_at(*sightings), *polls, until_s=3.0).findings

    assert found.rule == ("polls' order" if excused else "polls' story")


@pytest.mark.parametrize(
    "polls",
    [
        [took(poll("b", 0, ERROR, END, at_s=0.1), 2.5)],
        [poll("b", 0, at_s=0.1), took(poll("b", ERROR, END, at_s=0.2), 2.5)],
    ],
)
def test_a_reader_that_has_got_a_tick_is_not_ended_by_its_grace(polls: list[Act]) -> None:
    [found] = judged(seen_at(2.4), *polls, until_s=3.0).findings

    assert found.rule == "polls' story"


def test_a_reading_that_goes_on_after_the_grace_is_no_end_either() -> None:
    assert judged(seen_at(), took(poll("b", ERROR, at_s=0.1), 2.5), until_s=3.0) == NOTHING
