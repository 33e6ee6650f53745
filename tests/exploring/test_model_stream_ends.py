"""What is said of the end of a stream, word for word, and of one that has none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from queueproof.exploring.model import Judgement, ModelFinding
from queueproof.exploring.record import Act, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.history import EventKind
from queueproof.probe import Probe

from .records import ENDLESS, PROBE, act, job, record, stream
from .stream_judgements import (
    CANCEL,
    CANCELLED,
    END,
    ERROR,
    FAILING,
    GRACE_S,
    NOTHING,
    QUIET,
    judged,
    killed,
    of,
    rules,
    said,
    works,
)

# -- the end ---------------------------------------------------------------------------------


def story(requirement: str, may: str, told: str, ticks: str) -> ModelFinding:
    return said(
        "a stream's story",
        requirement,
        f"job 1 {may}, with the ticks that go with it",
        f"stream 1 via b (owner a) tells: {told}, after {ticks} ticks",
    )


def unmarked(requirement: str, ticks: str, how: str = "ended by the target") -> ModelFinding:
    return said(
        "a stream's end",
        requirement,
        "the stream says how the job ended",
        f"stream 1 via b (owner a) {how} without saying how, after {ticks} ticks",
    )


@pytest.mark.parametrize("end", [StreamEnd.ENDED, StreamEnd.BROKEN])
def test_a_completed_job_has_all_its_ticks(end: StreamEnd) -> None:
    short = judged(job(), stream("b", 0, 1, 2, END, end=end))

    assert short.findings == [story("STRM-001", "completed", "completed", "3 of 4")]
    assert short.judged == {"STRM-001": 2, "STRM-011": 1, "STRM-015": 1}


@pytest.mark.parametrize("end", [StreamEnd.DROPPED, StreamEnd.LOST, StreamEnd.OPEN])
def test_how_a_stream_ends_is_not_judged_where_it_was_left(end: StreamEnd) -> None:
    assert rules(judged(job(), stream("b", 0, 1, 2, END, end=end))) == []
    assert rules(judged(job(), stream("b", 0, 1, 2, end=end))) == []


def test_a_failed_job_is_told_as_failed() -> None:
    whole = judged(job(probe=FAILING), stream("b", 0, 1, 2, ERROR, END))

    assert whole == Judgement([], Counter(["STRM-001", "STRM-011", "STRM-015", "STRM-006"]))
    assert judged(job(probe=FAILING), stream("b", 0, 1, 2, END)).findings == [
        story("STRM-006", "failed", "completed", "3 of 3")
    ]


@pytest.mark.parametrize(
    ("probe", "told", "requirement", "may", "ending"),
    [
        (ENDLESS, (0, CANCELLED), "WDOG-002", "completed", "cancelled"),
        (ENDLESS, (0, ERROR, END), "WDOG-002", "completed", "failed"),
        (FAILING, (0, CANCELLED), "STRM-007", "failed", "cancelled"),
    ],
)
def test_an_end_that_nothing_allowed_is_named(
    probe: Probe,
    told: tuple[int | EventKind, ...],
    requirement: str,
    may: str,
    ending: str,
) -> None:
    found = judged(job(probe=probe, done=3), stream("b", *told)).findings

    assert found == [story(requirement, may, ending, f"1 of {len(probe.expected_ticks)}")]


def test_a_cancelled_job_is_told_as_cancelled_from_when_that_was_asked_for() -> None:
    """The end was told at 0.5 s, and the stream closed at 0.6 s."""
    told = stream("b", 0, CANCELLED)
    at_once, later = replace(CANCEL, asked_s=0.5), replace(CANCEL, asked_s=0.51)

    kept = judged(job(probe=ENDLESS, done=3), at_once, told)
    assert kept == Judgement([], Counter(["STRM-001", "STRM-011", "STRM-015", "STRM-007"]))
    assert judged(job(probe=ENDLESS, done=3), later, told).findings == [
        story("WDOG-002", "completed", "cancelled", "1 of 400")
    ]


def test_a_cancelled_job_that_is_told_as_failed_is_named_with_all_that_may_be() -> None:
    found = judged(job(probe=ENDLESS, done=3), CANCEL, stream("b", 0, ERROR, END)).findings

    assert found == [story("WDOG-002", "cancelled or completed", "failed", "1 of 400")]


def test_a_cancelled_job_that_is_told_as_completed_is_short_of_its_ticks() -> None:
    found = judged(job(probe=ENDLESS, done=3), CANCEL, stream("b", 0, END)).findings

    assert found == [story("STRM-001", "cancelled or completed", "completed", "1 of 400")]


def test_who_is_named_for_an_early_end_is_told_by_its_instant() -> None:
    """That of the terminal event; without one, that of the stream's end."""
    intrusion = act(Kind.INTRUDE, "c", at_s=0.55, ok=False, what="cancel")

    for told, name in (((0, CANCELLED), "WDOG-002"), ((0, ERROR), "CANC-009")):
        [found] = judged(job(probe=ENDLESS), intrusion, stream("b", *told)).findings
        assert found.requirement == name


# -- an end without a word -------------------------------------------------------------------


def test_a_stream_says_how_its_job_ended() -> None:
    found = judged(job(), stream("b", 0, 1, 2, 3))

    assert found.findings == [unmarked("STRM-005", "4 of 4")]
    assert found.judged == {"STRM-001": 1, "STRM-011": 1, "STRM-005": 1}


@pytest.mark.parametrize(
    ("probe", "ticks", "requirement"),
    [
        (PROBE, (0, 1, 2, 3), "STRM-005"),
        (PROBE, (0, 1, 2), "STRM-001"),
        (FAILING, (0, 1, 2), "STRM-006"),
        (FAILING, (0, 1), "STRM-001"),
        (QUIET, (0, 1, 2, 3), "STRM-005"),
        (QUIET, (0, 1), "STRM-014"),
    ],
)
@pytest.mark.parametrize("end", [StreamEnd.ENDED, StreamEnd.BROKEN])
def test_a_stream_that_ends_without_a_word_is_named_for_what_it_lacks(
    end: StreamEnd, probe: Probe, ticks: tuple[int, ...], requirement: str
) -> None:
    """That it was cut off is no sign of a cancel, nor is another that was cut off before."""
    seen, told = job(probe=probe), stream("b", *ticks, end=end, asked_s=0.19)
    before = stream("c", 0, number=2, end=StreamEnd.BROKEN, asked_s=0.1, closed_s=0.15)
    lacks = unmarked(requirement, f"{len(ticks)} of {len(probe.expected_ticks)}", end.value)

    assert judged(seen, told).findings == [lacks]
    assert judged(seen, told, before).findings == [lacks]


LEFT = stream("c", 0, number=2, end=StreamEnd.DROPPED, asked_s=0.1, closed_s=0.3)


@pytest.mark.parametrize("cause", [CANCEL, LEFT])
def test_a_stream_of_a_job_that_may_be_cancelled_is_named_for_that(cause: Act | StreamSeen) -> None:
    """And when it had to be waited for, for its late end."""
    told = stream("b", 0)
    seen = job(probe=QUIET)

    assert judged(seen, cause, told).findings == [unmarked("STRM-007", "1 of 4")]
    overdue = replace(told, overdue=True)
    assert judged(seen, cause, overdue).findings == [unmarked("CANC-005", "1 of 4")]


@pytest.mark.parametrize(("cancel_s", "requirement"), [(0.6, "STRM-007"), (0.61, "STRM-001")])
def test_a_cancel_after_the_streams_end_has_no_part_in_it(
    cancel_s: float, requirement: str
) -> None:
    cancel = replace(CANCEL, asked_s=cancel_s)

    assert judged(job(), cancel, stream("b", 0)).findings == [unmarked(requirement, "1 of 4")]


def test_a_stream_of_a_job_whose_client_was_silent_is_named_for_that() -> None:
    told = stream("b", 0, asked_s=5.0, closed_s=5.5)

    assert unmarked("WDOG-008", "1 of 4") in judged(job(probe=QUIET, done=2), told).findings


def test_a_stream_of_a_job_whose_worker_was_out_of_order_is_named_for_that() -> None:
    seen = killed(record(job(), CANCEL, stream("b", 0)), "a", 0.4)

    assert of(seen).findings == [unmarked("LIFE-001", "1 of 4")]


def test_a_stream_that_came_too_late_may_end_without_a_word() -> None:
    late_one = stream("b", asked_s=4.5, closed_s=4.6)
    forgotten = stream("b", asked_s=4.75, closed_s=4.8)
    seen = replace(works(0.5, probe=Probe(ticks=1, witnessed=True)), answered_s=4.4)

    assert judged(seen, late_one).findings == [unmarked("STRM-009", "0 of 1")]
    assert judged(seen, forgotten).findings == []


# -- overdue ---------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [StreamEnd.OPEN, StreamEnd.DROPPED])
def test_a_stream_comes_to_an_end(end: StreamEnd) -> None:
    """That its reader left in the end is no sign of a cancel before."""
    open_still = stream("b", 0, 1, asked_s=0.125, end=end, overdue=True)

    assert judged(job(), open_still, until_s=3.125).findings == [
        said(
            "a stream's end",
            "STRM-001",
            "stream 1 of job 1 comes to an end",
            "it was still open 3.0 s after it was asked for, with 2 of 4 ticks",
        )
    ]


def test_a_stream_that_told_its_end_or_was_not_waited_for_is_not_overdue() -> None:
    over = stream("b", 0, 1, 2, 3, END, end=StreamEnd.OPEN, overdue=True)
    unawaited = stream("b", 0, 1, end=StreamEnd.OPEN)

    assert judged(job(), over, until_s=3.5).findings == []
    assert judged(job(), unawaited, until_s=3.5).findings == []


@pytest.mark.parametrize(("until_s", "hangs"), [(1.45, False), (1.55, True)])
def test_a_stream_that_told_of_a_tick_a_moment_ago_does_not_hang(
    until_s: float, hangs: bool
) -> None:
    """It is the job that takes long: its last tick came half a second after the beginning."""
    open_still = stream("b", 0, 1, end=StreamEnd.OPEN, overdue=True)

    assert bool(judged(job(), open_still, until_s=until_s).findings) is hangs


def test_a_stream_is_overdue_for_what_happened_until_the_last_look() -> None:
    open_still = stream("b", 0, 1, end=StreamEnd.OPEN, overdue=True)
    cancel = replace(CANCEL, asked_s=3.5)

    for until_s, name in ((3.5, "CANC-005"), (3.4, "STRM-001")):
        [found] = judged(job(), cancel, open_still, until_s=until_s).findings
        assert found.requirement == name


# -- the grace of a start --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed_s", "sightings", "excused"),
    [
        (0.5 + GRACE_S, (), True),
        (0.49 + GRACE_S, (), False),
        (0.5 + GRACE_S, (0.5 + GRACE_S - 1.0,), True),
        (0.5 + GRACE_S, (0.49 + GRACE_S - 1.0,), False),
    ],
)
def test_a_stream_that_its_grace_has_ended_is_not_judged(
    closed_s: float, sightings: tuple[float, ...], excused: bool
) -> None:
    told = stream("b", ERROR, END, asked_s=0.5, closed_s=closed_s)

    assert (judged(works(*sightings), told, until_s=3.0) == NOTHING) is excused


@pytest.mark.parametrize(
    "told",
    [
        stream("b", 0, ERROR, END, asked_s=0.5, closed_s=2.9),
        stream("b", asked_s=0.5, end=StreamEnd.OPEN, overdue=True),
    ],
)
def test_a_stream_with_a_tick_or_without_an_end_was_not_ended_by_its_grace(
    told: StreamSeen,
) -> None:
    assert judged(works(), told, until_s=9.0).findings
