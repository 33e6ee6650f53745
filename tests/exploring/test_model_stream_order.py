"""What is said of a stream's order, its promptness and its answer, word for word."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from queueproof.exploring.model import Judgement
from queueproof.exploring.model.causes import MARGIN_S
from queueproof.exploring.model.streams import stream_id
from queueproof.exploring.record import Act, JobSeen, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.history import Event, EventKind
from queueproof.probe import Probe

from .records import ENDLESS, PROBE, TIMINGS, act, gave_up, job, poll, record, stream
from .stream_judgements import (
    CANCEL,
    CANCELLED,
    END,
    ERROR,
    FAILING,
    NOTHING,
    START,
    WHOLE,
    judged,
    killed,
    of,
    rules,
    said,
    works,
)

# -- which streams are judged ----------------------------------------------------------------


def test_a_whole_stream_is_an_occasion_for_each_of_its_rules() -> None:
    assert judged(job(), WHOLE) == Judgement(
        [], Counter(["STRM-001", "STRM-015", "STRM-011", "STRM-005"])
    )


def test_a_stream_of_a_job_that_nobody_saw_is_not_judged() -> None:
    assert judged(job(2), stream("b", 0, 0, END)) == NOTHING


@pytest.mark.parametrize(
    ("via", "from_s", "until_s", "judged_all_the_same"),
    [
        ("b", 0.6, 9.0, False),
        ("b", 0.7, 9.0, True),
        ("b", -1.0, 0.02, False),
        ("b", -1.0, 0.01, True),
        ("c", 0.0, 9.0, True),
    ],
)
def test_a_stream_beside_a_disturbance_of_its_worker_is_not_judged(
    via: str, from_s: float, until_s: float, judged_all_the_same: bool
) -> None:
    """From when it was asked for until it was closed."""
    seen = killed(record(job(), WHOLE), via, from_s, until_s)

    assert bool(of(seen).judged) is judged_all_the_same


# -- order -----------------------------------------------------------------------------------


def test_ticks_out_of_order_are_named_with_all_that_is_wrong() -> None:
    found = judged(job(), stream("b", 0, 0, 3, 1, END))

    assert found.findings[0] == said(
        "a stream's order",
        "STRM-001",
        "the job's ticks from 0 on, once each, in order",
        "stream 1 via b (owner a): 1 missing (2), 1 duplicated (0), 1 out of order (1)",
    )


def test_ticks_that_no_job_emits_are_named() -> None:
    found = judged(job(probe=FAILING), stream("b", 0, 1, 2, 3, ERROR, END))

    assert found.findings[0].actual == "stream 1 via b (owner a): 1 never emitted (3)"


def test_a_stream_that_was_left_owes_no_more_ticks() -> None:
    for ticks in ((), (0,), (0, 1, 2)):
        left = stream("b", *ticks, end=StreamEnd.DROPPED)
        assert judged(job(), left) == Judgement([], Counter(["STRM-001", "STRM-011"]))


SLOW = Probe(ticks=4, interval_s=0.1, slow_start_s=1.0, witnessed=True)
BURST = Probe(ticks=4, interval_s=0.0, witnessed=True)


def named(seen: JobSeen, *others: Act | StreamSeen, via: str = "b") -> str:
    """The requirement of a stream from 1 to 2 s."""
    one = stream(via, number=1, asked_s=1.0, closed_s=2.0)
    return stream_id(record(seen, one, *others, until_s=5.0), seen, one)


@pytest.mark.parametrize(
    ("probe", "via", "requirement"),
    [
        (PROBE, "a", "STRM-002"),
        (PROBE, "b", "STRM-001"),
        (SLOW, "a", "STRM-002"),
        (SLOW, "b", "GRACE-001"),
        (replace(SLOW, slow_start_s=0.5), "b", "GRACE-001"),
        (BURST, "a", "STRM-013"),
        (BURST, "b", "STRM-013"),
        (replace(BURST, slow_start_s=1.0), "b", "STRM-013"),
    ],
)
def test_the_requirement_of_a_stream_alone(probe: Probe, via: str, requirement: str) -> None:
    assert named(job(probe=probe, done=0), via=via) == requirement


@pytest.mark.parametrize(
    ("times", "requirement"),
    [
        ((1.0 - MARGIN_S, 1.1, 1.2, 1.3), "STRM-001"),
        ((0.99 - MARGIN_S, 1.1, 1.2, 1.3), "STRM-008"),
        ((0.1, 0.2, 0.3, 1.0 - MARGIN_S), "STRM-008"),
        ((0.1, 0.2, 0.3, 0.99 - MARGIN_S), "STRM-009"),
    ],
)
def test_the_requirement_of_a_late_stream(times: tuple[float, ...], requirement: str) -> None:
    """After the first tick, or the last."""
    assert named(works(*times, probe=PROBE)) == requirement


def other(via: str, asked_s: float, closed_s: float, of: int = 1) -> StreamSeen:
    return stream(via, number=2, of=of, asked_s=asked_s, closed_s=closed_s)


@pytest.mark.parametrize(
    ("company", "requirement"),
    [
        (other("b", 0.1, 1.0), "STRM-004"),
        (other("b", 0.1, 0.9), "STRM-001"),
        (other("b", 2.0, 3.0), "STRM-004"),
        (other("b", 2.1, 3.0), "STRM-001"),
        (other("c", 0.1, 1.0), "STRM-003"),
        (other("c", 2.0, 3.0), "STRM-003"),
        (other("c", 2.1, 3.0), "STRM-001"),
        (other("b", 1.0, 2.0, of=2), "STRM-001"),
        (replace(poll("c", at_s=0.5), ended_s=1.0), "POLL-012"),
        (replace(poll("c", at_s=0.5), ended_s=0.9), "STRM-001"),
        (replace(poll("c", at_s=0.5), ended_s=2.0), "POLL-012"),
        (replace(poll("c", at_s=0.5), ended_s=2.1), "STRM-001"),
        (gave_up("c", at_s=1.5), "POLL-012"),
        (poll("c", at_s=1.5, of=2), "STRM-001"),
        (act(Kind.CANCEL, "c", at_s=1.5, ok=True), "STRM-001"),
    ],
)
def test_the_requirement_of_a_stream_in_company(
    company: Act | StreamSeen, requirement: str
) -> None:
    assert named(job(done=0), company) == requirement


def test_the_requirement_of_a_stream_is_that_of_the_rarest_circumstance() -> None:
    """Each stands before all that come after it in the list."""
    same, elsewhere = other("b", 1.5, 2.5), replace(other("c", 1.5, 2.5), number=3)
    asked = poll("c", at_s=1.5)
    over, begun = works(0.1, 0.2, 0.3, 0.4, probe=BURST), works(0.1, probe=BURST)

    assert named(over, same, elsewhere, asked) == "STRM-009"
    assert named(begun, elsewhere, same, asked) == "STRM-004"
    assert named(begun, elsewhere, asked) == "STRM-003"
    assert named(begun, asked) == "POLL-012"
    assert named(begun) == "STRM-008"


# -- after the end ---------------------------------------------------------------------------


@pytest.mark.parametrize("over", [END, CANCELLED])
def test_nothing_follows_the_terminal_event(over: EventKind) -> None:
    seen = job(), CANCEL

    found = judged(*seen, stream("b", 0, 1, 2, ERROR, over, START, 3)).findings

    assert found[0] == said(
        "after the end",
        "STRM-015",
        "nothing after the terminal event of stream 1",
        f"{over.value} was followed by start, tick",
    )
    assert judged(*seen, stream("b", 0, 1, over)).judged["STRM-015"] == 1
    assert judged(*seen, stream("b", 0, 1, ERROR)).judged["STRM-015"] == 0


# -- promptness ------------------------------------------------------------------------------


def prompt(
    *ticks: tuple[int | None, float], answered_s: float | None = 0.5, **known: object
) -> Judgement:
    """What is said of the ticks of a job that does one each second, as they came."""
    one = stream("b", asked_s=0.5, closed_s=20.0, end=StreamEnd.DROPPED)
    events = [
        Event(START if tick is None else EventKind.TICK, at_s, tick=tick) for tick, at_s in ticks
    ]
    seen = record(works(0.0, 1.0, 2.0), replace(one, events=events, answered_s=answered_s))
    seen.witnessed = bool(known.get("witnessed", True))
    judgement = of(seen)
    return Judgement(
        [each for each in judgement.findings if each.rule == "promptness"],
        Counter({"STRM-011": judgement.judged["STRM-011"]}),
    )


KEPT = Judgement([], Counter({"STRM-011": 1}))


def late(by_s: str) -> Judgement:
    told = f"one came {by_s} s after it through stream 1"
    finding = said("promptness", "STRM-011", "every tick within 2.0 s of its being done", told)
    return Judgement([finding], Counter({"STRM-011": 1}))


def test_a_tick_comes_within_the_time_of_an_answer() -> None:
    assert prompt((0, 0.5), (1, 3.0), (2, 4.0)) == KEPT
    assert prompt((0, 0.5), (1, 4.0), (2, 4.0)) == late("3.0")
    assert prompt((0, 0.5), (1, 4.0), (2, 6.0)) == late("4.0")


def test_a_tick_that_was_done_before_the_stream_was_open_comes_from_then_on() -> None:
    assert prompt((0, 2.5)) == KEPT
    assert prompt((0, 3.5)) == late("3.0")
    assert prompt((0, 2.5), answered_s=0.25) == late("2.2")


def test_what_is_no_tick_or_was_not_witnessed_is_not_late_and_hides_no_other() -> None:
    assert prompt((None, 9.0), (3, 9.0)) == KEPT
    assert prompt((None, 9.0), (3, 9.0), (2, 6.0)) == late("4.0")
    assert prompt((0, 9.0), witnessed=False) == Judgement([], Counter({"STRM-011": 0}))
    assert prompt((0, 9.0), answered_s=None) == Judgement([], Counter({"STRM-011": 0}))


def test_a_short_bound_is_kept_by_what_comes_at_once() -> None:
    seen = record(job(), WHOLE)
    seen.timings = replace(TIMINGS, answer_s=0.6)

    assert "promptness" not in rules(of(seen))


# -- refused, or not answered ----------------------------------------------------------------


@pytest.mark.parametrize("end", [StreamEnd.REFUSED, StreamEnd.UNANSWERED])
def test_a_job_can_be_streamed(end: StreamEnd) -> None:
    refused = replace(stream("b", end=end), detail="404 unknown")

    assert judged(job(), refused).findings == [
        said(
            "a stream's answer",
            "STRM-001",
            "job 1 can be streamed via b",
            f"{end.value}: 404 unknown",
        )
    ]


@pytest.mark.parametrize(("asked_s", "accused"), [(4.5, True), (4.75, False)])
def test_a_job_may_be_forgotten_when_half_its_time_to_live_is_over(
    asked_s: float, accused: bool
) -> None:
    """After its end, or after what may have ended it."""
    refused = stream("b", end=StreamEnd.REFUSED, asked_s=asked_s, closed_s=4.8)
    ended = replace(works(0.5, probe=Probe(ticks=1, witnessed=True)), answered_s=4.4)
    going_on = replace(job(probe=ENDLESS), answered_s=4.4)

    assert rules(judged(ended, refused)) == ["a stream's answer"] * accused
    cancel = act(Kind.CANCEL, "c", at_s=0.5, ok=True)
    assert rules(judged(going_on, cancel, refused)) == ["a stream's answer"] * accused
