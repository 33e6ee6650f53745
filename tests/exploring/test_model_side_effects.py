"""What is said of jobs' work, word for word: done once, and stopped by its bound."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from queueproof.exploring.model import Judgement, ModelFinding
from queueproof.exploring.model.causes import MARGIN_S
from queueproof.exploring.model.side_effects import judge_work
from queueproof.exploring.record import Act, Disturbance, JobSeen, Record, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.history import EventKind

from .records import ENDLESS, act, gave_up, job, poll, record, stream

#: A cancel's effect and the time of an answer, by the timings of these records.
STOP_S = 3.0
#: Threshold, interval and effect, and the margin of instants.
RECLAIMED_S = 6.5 + MARGIN_S


def judged(seen: Record) -> Judgement:
    judgement = Judgement()
    judge_work(seen, seen.jobs[1], judgement)
    return judgement


def works(*at_s: float) -> JobSeen:
    return replace(job(probe=ENDLESS), sightings=list(enumerate(at_s)))


def kept(*requirements: str) -> Judgement:
    return Judgement([], Counter(["SUBM-002", *requirements]))


def stopped_late(requirement: str, because: str, by_s: str) -> ModelFinding:
    return ModelFinding(
        rule="work stopped",
        requirement=requirement,
        expected=f"no tick of job 1 later than that: {because}",
        actual=f"the last one was done {by_s} s after the bound",
        job=1,
    )


def late(requirement: str, because: str, by_s: str) -> Judgement:
    return Judgement([stopped_late(requirement, because, by_s)], kept(requirement).judged)


# -- once ------------------------------------------------------------------------------------


def test_a_job_runs_once() -> None:
    twice = job()
    twice.sightings.extend([(3, 0.9), (1, 0.9)])

    assert judged(record(job())) == kept()
    assert judged(record(twice)) == Judgement(
        [
            ModelFinding(
                rule="work done once",
                requirement="SUBM-002",
                expected="job 1 runs once",
                actual="its ticks [1, 3] were done more than once",
                job=1,
            )
        ],
        Counter({"SUBM-002": 1}),
    )


def test_the_first_five_ticks_that_were_done_twice_are_named() -> None:
    twice = job(probe=ENDLESS, done=9)
    twice.sightings.extend(twice.sightings[1:8])

    [found] = judged(record(twice)).findings

    assert found.actual == "its ticks [1, 2, 3, 4, 5] were done more than once"


def test_work_that_nobody_witnessed_is_not_judged() -> None:
    twice = job()
    twice.sightings.extend(twice.sightings)
    seen = record(twice, act(Kind.CANCEL, "b", at_s=0.1, ok=True))
    seen.witnessed = False

    assert judged(seen) == Judgement()


def test_when_work_must_stop_is_not_judged_where_any_worker_was_out_of_order() -> None:
    """It is done once all the same."""
    seen = record(works(0.1, 9.0), act(Kind.CANCEL, "b", at_s=0.2, ok=True))
    seen.disturbances.append(Disturbance(kind=Kind.PAUSE, via="c", from_s=5.0, until_s=6.0))

    assert judged(seen) == kept()


# -- cancelled -------------------------------------------------------------------------------


def cancel(via: str, *, ok: bool = True, at_s: float = 0.5) -> Act:
    return replace(act(Kind.CANCEL, via, at_s=at_s, ok=ok), ended_s=at_s + 0.25)


@pytest.mark.parametrize(("via", "requirement"), [("a", "CANC-002"), ("b", "CANC-003")])
def test_work_stops_within_its_bound_after_a_cancels_success(via: str, requirement: str) -> None:
    bound_s = 0.75 + STOP_S

    assert judged(record(works(0.1, bound_s), cancel(via))) == kept(requirement)
    assert judged(record(works(0.1, bound_s + 1.0), cancel(via))) == late(
        requirement, f"cancelled via {via}", "1.0"
    )


@pytest.mark.parametrize(
    ("first_s", "requirement"), [(0.5 - MARGIN_S, "CANC-003"), (0.51 - MARGIN_S, "CANC-004")]
)
def test_a_cancel_before_the_first_tick_is_an_early_one(first_s: float, requirement: str) -> None:
    assert judged(record(works(first_s, 4.75), cancel("b"))) == late(
        requirement, "cancelled via b", "1.0"
    )


def test_a_job_that_never_worked_has_stopped() -> None:
    assert judged(record(works(), cancel("a"))) == kept("CANC-004")


def test_a_cancel_without_success_promises_nothing_and_hides_no_later_one() -> None:
    refused, later = cancel("b", ok=False), cancel("a", at_s=0.75)

    assert judged(record(works(0.1, 9.0), refused)) == kept()
    assert judged(record(works(0.1, 5.0), refused, later)) == late(
        "CANC-002", "cancelled via a", "1.0"
    )


def test_every_bound_is_judged() -> None:
    left = stream("b", 0, end=StreamEnd.DROPPED, asked_s=0.25, closed_s=0.5)

    found = judged(record(works(0.1, 4.5), cancel("a"), cancel("b"), left)).findings

    assert found == [
        stopped_late("CANC-002", "cancelled via a", "0.8"),
        stopped_late("CANC-003", "cancelled via b", "0.8"),
        stopped_late("CANC-011", "its only reader left worker b (owner a)", "1.0"),
    ]


def test_the_bound_of_a_cancel_is_its_effect_after_the_time_of_an_answer() -> None:
    seen = record(works(0.1, 3.0), cancel("a"))
    seen.timings = replace(seen.timings, cancel_effect_s=0.25, answer_s=0.5)

    [found] = judged(seen).findings

    assert found == stopped_late("CANC-002", "cancelled via a", "1.5")


# -- the only reader left --------------------------------------------------------------------

LEFT = stream("b", 0, end=StreamEnd.DROPPED, asked_s=0.5, closed_s=1.0)


@pytest.mark.parametrize(("via", "requirement"), [("a", "CANC-010"), ("b", "CANC-011")])
def test_work_stops_within_its_bound_after_its_only_reader_left(via: str, requirement: str) -> None:
    left = replace(LEFT, via=via)

    assert judged(record(works(0.1, 1.0 + STOP_S), left)) == kept(requirement)
    assert judged(record(works(0.1, 2.0 + STOP_S), left)) == late(
        requirement, f"its only reader left worker {via} (owner a)", "1.0"
    )


@pytest.mark.parametrize(
    "stayed",
    [
        *(replace(LEFT, end=end) for end in StreamEnd if end is not StreamEnd.DROPPED),
        replace(LEFT, closed_s=None),
        replace(LEFT, events=[]),
        stream("b", 0, EventKind.END, end=StreamEnd.DROPPED, asked_s=0.5, closed_s=1.0),
        stream("b", 0, EventKind.CANCELLED, end=StreamEnd.DROPPED, asked_s=0.5, closed_s=1.0),
    ],
)
def test_what_is_no_closed_tab_hides_none_after_it(stayed: StreamSeen) -> None:
    """It was not dropped, or had not been answered with a tick, or had told the end."""
    assert judged(record(works(0.1, 9.0), stayed)) == kept()
    next_one = stream("a", 0, number=2, end=StreamEnd.DROPPED, asked_s=2.0, closed_s=2.5)
    if stayed.closed_s is not None:
        assert [f.requirement for f in judged(record(works(9.0), stayed, next_one)).findings] == [
            "CANC-010"
        ]


@pytest.mark.parametrize(
    ("other", "alone"),
    [
        (stream("c", 0, number=2, asked_s=0.1, closed_s=0.5), True),
        (stream("c", 0, number=2, asked_s=0.1, closed_s=0.6), False),
        (stream("c", 0, number=2, asked_s=5.0, closed_s=6.0), False),
        (stream("c", 0, number=2, asked_s=0.1, end=StreamEnd.OPEN), False),
        (stream("c", 0, number=2, of=2, asked_s=0.1, closed_s=2.0), True),
        (replace(poll("c", at_s=0.1), ended_s=0.5), True),
        (replace(poll("c", at_s=0.1), ended_s=0.6), False),
        (poll("c", at_s=0.9), False),
        (poll("c", at_s=1.0), True),
        (poll("c", at_s=0.9, of=2), True),
        (gave_up("c", at_s=0.9), False),
        (act(Kind.LOOK, "c", at_s=0.9, ok=True), True),
    ],
)
def test_a_reader_is_the_only_one_without_another_beside_it(
    other: Act | StreamSeen, alone: bool
) -> None:
    """A stream of any later time, or a poll within its own."""
    found = judged(record(works(0.1, 9.0), LEFT, other, until_s=2.0)).findings

    assert [one.requirement for one in found] == ["CANC-011"] * alone


# -- abandoned -------------------------------------------------------------------------------


def abandoned(*at_s: float, until_s: float = 20.0) -> Record:
    asked = replace(poll("b", at_s=0.5), ended_s=1.0)
    return record(works(*at_s), asked, until_s=until_s)


def test_an_abandoned_job_is_reclaimed_within_its_bound() -> None:
    bound_s = 1.0 + RECLAIMED_S

    assert judged(abandoned(0.1, bound_s)) == kept("WDOG-001")
    assert judged(abandoned(0.1, bound_s + 1.0)) == late("WDOG-001", "its client was gone", "1.0")


def test_the_play_must_go_on_beyond_the_bound() -> None:
    bound_s = 1.0 + RECLAIMED_S

    assert judged(abandoned(0.1, 9.0, until_s=bound_s)) == kept()
    assert judged(abandoned(0.1, 9.0, until_s=bound_s + 0.01)).findings


@pytest.mark.parametrize(("threshold_s", "accused"), [(0.0, False), (1.0, True)])
def test_without_a_watchdog_no_job_is_reclaimed(threshold_s: float, accused: bool) -> None:
    seen = abandoned(0.1, 19.0)
    seen.timings = replace(seen.timings, stale_threshold_s=threshold_s)

    assert bool(judged(seen).findings) is accused
