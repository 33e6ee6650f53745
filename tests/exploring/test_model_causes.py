"""What may have ended a job otherwise, from when on, and who is named when nothing may have."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from queueproof.exploring.model.attribution import likeliest_cause
from queueproof.exploring.model.causes import (
    MARGIN_S,
    Cause,
    Why,
    allowed,
    causes,
    planned,
    signs_of_life,
)
from queueproof.exploring.model.findings import Judgement, ModelFinding
from queueproof.exploring.record import Act, Disturbance, Record, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.history import EventKind
from queueproof.probe import Probe
from queueproof.targets.job import Ending

from .records import ENDLESS, act, gave_up, job, poll, record, stream

FAILING = Probe(ticks=5, interval_s=0.1, fail_at=3, witnessed=True)
QUIET = Probe(ticks=4, interval_s=0.1, quiet_after=1, quiet_s=6.0, witnessed=True)
#: The silence that costs no job in any case, by the timings of these records.
PATIENT_S = 4.0


def killed(via: str, from_s: float) -> Disturbance:
    return Disturbance(kind=Kind.KILL, via=via, from_s=from_s, until_s=float("inf"))


def of(seen: Record, number: int = 1) -> list[tuple[Why, float]]:
    return [(cause.why, cause.from_s) for cause in causes(seen, seen.jobs[number])]


# -- causes ----------------------------------------------------------------------------------


def test_a_job_that_was_left_alone_has_no_cause_and_its_probes_own_end() -> None:
    seen = record(job(), job(2, probe=FAILING))

    assert of(seen) == []
    assert allowed(seen, seen.jobs[1], told_s=1.0) == {planned(seen.jobs[1])} == {Ending.COMPLETED}
    assert allowed(seen, seen.jobs[2], told_s=1.0) == {planned(seen.jobs[2])} == {Ending.FAILED}


def test_every_cause_is_named_in_the_order_of_time() -> None:
    seen = record(
        job(),
        act(Kind.CANCEL, "b", at_s=0.9, ok=False),
        act(Kind.CANCEL, "b", at_s=0.5, ok=True),
        act(Kind.CANCEL, "b", at_s=0.1, ok=True, of=2),
        act(Kind.INTRUDE, "b", at_s=0.1, ok=True, what="cancel"),
        stream("b", 0, end=StreamEnd.DROPPED, closed_s=0.8),
        until_s=20.0,
    )
    seen.disturbances += [killed("b", 0.1), killed("a", 0.2)]

    assert of(seen) == [
        (Why.OUT_OF_ORDER, 0.2),
        (Why.CANCEL, 0.5),
        (Why.DROP, 0.8 - MARGIN_S),
        (Why.CANCEL, 0.9),
        (Why.SILENCE, 0.8 + PATIENT_S),
    ]


def test_where_workers_are_not_told_apart_any_of_them_may_have_been_the_owner() -> None:
    seen = record(job(owner="?"))
    seen.disturbances += [killed("b", 0.2), killed("a", 0.1)]

    assert of(seen) == [(Why.OUT_OF_ORDER, 0.1), (Why.OUT_OF_ORDER, 0.2)]


@pytest.mark.parametrize(
    ("why", "endings"),
    [
        (Why.CANCEL, {Ending.CANCELLED}),
        (Why.DROP, {Ending.CANCELLED}),
        (Why.SILENCE, {Ending.CANCELLED, Ending.FAILED}),
        (Why.OUT_OF_ORDER, {Ending.CANCELLED, Ending.FAILED}),
    ],
)
def test_how_a_job_ends_by_a_cause(why: Why, endings: set[Ending]) -> None:
    assert Cause(why, 1.0).endings == endings


def test_an_ending_is_allowed_from_the_moment_its_cause_was_sent() -> None:
    seen = record(job(), act(Kind.CANCEL, "b", at_s=0.5, ok=True))
    seen.disturbances.append(killed("a", 0.75))
    cancelled = {Ending.COMPLETED, Ending.CANCELLED}

    assert allowed(seen, seen.jobs[1], told_s=0.49) == {Ending.COMPLETED}
    assert allowed(seen, seen.jobs[1], told_s=0.5) == cancelled
    assert allowed(seen, seen.jobs[1], told_s=0.74) == cancelled
    assert allowed(seen, seen.jobs[1], told_s=0.75) == {*cancelled, Ending.FAILED}


@pytest.mark.parametrize("end", StreamEnd)
def test_which_streams_may_seem_to_have_been_left(end: StreamEnd) -> None:
    left = stream("b", 0, end=end, closed_s=0.6)
    never = replace(left, number=2, answered_s=None, asked_s=0.3)
    gone = {StreamEnd.DROPPED, StreamEnd.BROKEN, StreamEnd.UNANSWERED, StreamEnd.LOST}

    seen = record(job(), left, never)

    assert of(seen) == ([(Why.DROP, 0.3), (Why.DROP, 0.6 - MARGIN_S)] if end in gone else [])


@pytest.mark.parametrize("kind", [EventKind.END, EventKind.CANCELLED])
def test_a_stream_that_has_told_the_end_or_is_not_closed_does_not_hide_the_next(
    kind: EventKind,
) -> None:
    whole = stream("b", 0, kind, end=StreamEnd.DROPPED)
    unclosed = replace(stream("b", 0, number=2, end=StreamEnd.DROPPED), closed_s=None)
    left = stream("b", 0, number=3, end=StreamEnd.DROPPED, closed_s=0.7)

    assert of(record(job(), whole, unclosed, left)) == [(Why.DROP, 0.7 - MARGIN_S)]


def test_the_signs_of_a_clients_life_are_in_the_order_of_time() -> None:
    seen = record(
        job(),
        poll("b", at_s=0.9),
        poll("b", at_s=0.8, status=404),
        gave_up("b", at_s=0.7),
        replace(poll("b", at_s=0.6, status=None), ended_s=0.65),
        act(Kind.CANCEL, "b", at_s=0.5, ok=True),
        stream("b", 0, asked_s=0.2, closed_s=0.4),
        stream("b", 0, number=2, asked_s=0.1, end=StreamEnd.OPEN),
        poll("b", at_s=0.3, of=2),
        until_s=3.0,
    )

    assert signs_of_life(seen, seen.jobs[1]) == [
        (0.0, 0.01),
        (0.1, 3.0),
        (0.2, 0.4),
        (0.7, 0.7 + 0.06),
        (0.9, 0.9 + 0.01),
    ]


def test_a_client_is_silent_beyond_the_threshold_only() -> None:
    submitted = replace(job(), answered_s=0.25)
    later = poll("b", at_s=0.25 + PATIENT_S), poll("b", at_s=0.5 + PATIENT_S)

    assert of(record(submitted, later[0], until_s=5.0)) == []
    assert of(record(submitted, later[1], until_s=5.0)) == [(Why.SILENCE, 0.25 + PATIENT_S)]


def test_every_silence_counts_and_the_end_of_the_play_ends_the_last() -> None:
    again = poll("b", at_s=6.0)

    seen = record(job(), again, until_s=20.0)

    assert of(seen) == [(Why.SILENCE, 0.01 + PATIENT_S), (Why.SILENCE, 6.01 + PATIENT_S)]


def test_a_poll_beside_an_open_stream_does_not_shorten_its_attendance() -> None:
    attended = stream("b", 0, closed_s=6.0), poll("b", at_s=1.0)

    assert of(record(job(), *attended, until_s=9.9)) == []


def test_without_a_watchdog_no_silence_costs_a_job() -> None:
    seen = record(job(), until_s=1e6)
    seen.timings = replace(seen.timings, stale_threshold_s=0.0)

    assert of(seen) == []


# -- the likeliest cause -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "requirement"),
    [
        ([], "WDOG-002"),
        ([act(Kind.INTRUDE, "b", at_s=3.0, ok=True, what="cancel")], "CANC-009"),
        ([act(Kind.INTRUDE, "b", at_s=3.1, ok=True, what="cancel")], "WDOG-002"),
        ([act(Kind.INTRUDE, "b", at_s=1.0, ok=True, what="cancel", of=2)], "WDOG-002"),
        ([act(Kind.INTRUDE, "b", at_s=3.0, ok=True, what="stream")], "ACCS-009"),
        ([act(Kind.INTRUDE, "b", at_s=3.1, ok=True, what="stream")], "WDOG-002"),
        ([act(Kind.INTRUDE, "b", at_s=1.0, ok=True, what="poll")], "WDOG-002"),
        ([act(Kind.CANCEL, "b", at_s=3.0, ok=True, of=2)], "CANC-016"),
        ([act(Kind.CANCEL, "b", at_s=3.1, ok=True, of=2)], "WDOG-002"),
        ([act(Kind.CANCEL, "b", at_s=1.0, ok=True)], "WDOG-002"),
        ([act(Kind.LOOK, "b", at_s=1.0, ok=True, of=2)], "WDOG-002"),
        ([stream("b", of=2, end=StreamEnd.DROPPED, closed_s=3.0)], "CANC-016"),
        ([stream("b", of=2, end=StreamEnd.DROPPED, closed_s=3.1)], "WDOG-002"),
        ([stream("b", of=2, end=StreamEnd.BROKEN, closed_s=1.0)], "WDOG-002"),
        ([stream("b", end=StreamEnd.DROPPED, closed_s=1.0)], "WDOG-002"),
        ([poll("b", at_s=1.0)], "WDOG-002"),
    ],
)
def test_who_is_named_for_an_early_end(parts: list[Act | StreamSeen], requirement: str) -> None:
    """By what had happened until it was told, and to whom."""
    seen = record(job(), *parts, until_s=3.5)

    assert likeliest_cause(seen, seen.jobs[1], 3.0) == requirement


@pytest.mark.parametrize(("flushed_s", "requirement"), [(3.0, "DBIX-002"), (3.1, "WDOG-002")])
def test_a_flush_before_the_end_is_named(flushed_s: float, requirement: str) -> None:
    seen = record(job())
    seen.flushed_s = flushed_s

    assert likeliest_cause(seen, seen.jobs[1], 3.0) == requirement


@pytest.mark.parametrize(
    ("probe", "parts", "requirement"),
    [
        (ENDLESS, [], "WDOG-002"),
        (ENDLESS, [stream("b", asked_s=5.25, closed_s=6.0)], "WDOG-006"),
        (ENDLESS, [stream("b", asked_s=5.5, closed_s=6.0)], "WDOG-002"),
        (ENDLESS, [stream("b", of=2)], "WDOG-002"),
        (ENDLESS, [poll("b", at_s=5.25)], "WDOG-004"),
        (ENDLESS, [poll("b", at_s=5.5)], "WDOG-002"),
        (ENDLESS, [poll("b", of=2)], "WDOG-002"),
        (ENDLESS, [gave_up("b", at_s=2.0)], "WDOG-002"),
        (QUIET, [], "WDOG-002"),
        (QUIET, [poll("b", at_s=5.25)], "WDOG-005"),
        (QUIET, [poll("b", at_s=5.5)], "WDOG-002"),
        (QUIET, [poll("b"), stream("b")], "WDOG-006"),
    ],
)
def test_who_is_named_for_an_end_beyond_the_threshold(
    probe: Probe, parts: list[Act | StreamSeen], requirement: str
) -> None:
    seen = record(job(probe=probe, at_s=1.0), *parts, until_s=9.0)

    assert likeliest_cause(seen, seen.jobs[1], 1.25 + PATIENT_S) == requirement
    assert likeliest_cause(seen, seen.jobs[1], 1.0 + PATIENT_S) == "WDOG-002"


def test_the_likeliest_of_several_causes_is_the_most_direct_one() -> None:
    """Each stands before all that come after it in the list; None is the flush."""
    parts: list[Act | StreamSeen | None] = [
        act(Kind.INTRUDE, "b", at_s=1.0, ok=True, what="cancel"),
        act(Kind.INTRUDE, "b", at_s=1.0, ok=True, what="stream"),
        None,
        act(Kind.CANCEL, "b", at_s=1.0, ok=True, of=2),
        stream("b"),
        poll("b"),
    ]
    named = []
    for left_out in range(len(parts) + 1):
        rest = parts[left_out:]
        seen = record(job(probe=QUIET), *[part for part in rest if part is not None])
        seen.flushed_s = 0.5 if None in rest else None
        named.append(likeliest_cause(seen, seen.jobs[1], 5.0))

    rules = ["CANC-009", "ACCS-009", "DBIX-002", "CANC-016", "WDOG-006", "WDOG-005", "WDOG-002"]
    assert named == rules


# -- judgements --------------------------------------------------------------------------------


def test_an_occasion_is_counted_and_a_finding_noted_word_for_word() -> None:
    judgement = Judgement()

    assert judgement.expect(True, "POLL-001", rule="r", expected="e", actual="a") is True
    assert judgement.expect(False, "POLL-001", rule="r", expected="e", actual="a", job=3) is False
    assert judgement.expect(False, "POLL-002", rule="s", expected="f", actual="b") is False

    first = ModelFinding(rule="r", requirement="POLL-001", expected="e", actual="a", job=3)
    second = ModelFinding(rule="s", requirement="POLL-002", expected="f", actual="b", job=0)
    assert judgement == Judgement([first, second], Counter({"POLL-001": 2, "POLL-002": 1}))
    assert judgement.of(["POLL-001", "X"]) == Judgement([first], Counter({"POLL-001": 2}))
    assert judgement.of(["POLL-002"]) == Judgement([second], Counter({"POLL-002": 1}))
