"""What is said of a stream, word for word: its order, its end, its promptness and its answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from queueproof.exploring.model import Judgement, ModelFinding
from queueproof.exploring.model.causes import MARGIN_S
from queueproof.exploring.model.streams import judge_stream, stream_id
from queueproof.exploring.record import Act, Disturbance, JobSeen, Record, StreamEnd, StreamSeen
from queueproof.exploring.steps import Kind
from queueproof.history import Event, EventKind
from queueproof.probe import Probe

from .records import ENDLESS, PROBE, TIMINGS, act, gave_up, job, poll, record, stream

START, END, ERROR, CANCELLED = (
    EventKind.START,
    EventKind.END,
    EventKind.ERROR,
    EventKind.CANCELLED,
)
FAILING = Probe(ticks=5, interval_s=0.1, fail_at=3, witnessed=True)
QUIET = Probe(ticks=4, interval_s=0.1, quiet_after=1, quiet_s=6.0, witnessed=True)
GRACE_S = 0.95 * TIMINGS.startup_grace_s
NOTHING = Judgement()


def of(seen: Record, number: int = 1) -> Judgement:
    judgement = Judgement()
    judge_stream(seen, seen.streams[number], judgement)
    return judgement


def judged(*parts: JobSeen | Act | StreamSeen, until_s: float = 1.0) -> Judgement:
    return of(record(*parts, until_s=until_s))


def said(rule: str, requirement: str, expected: str, actual: str) -> ModelFinding:
    return ModelFinding(rule=rule, requirement=requirement, expected=expected, actual=actual, job=1)


def rules(judgement: Judgement) -> list[str]:
    return [one.rule for one in judgement.findings]


def works(*at_s: float, probe: Probe = ENDLESS, owner: str = "a") -> JobSeen:
    return replace(job(probe=probe, owner=owner), sightings=list(enumerate(at_s)))


def killed(seen: Record, via: str, from_s: float, until_s: float = float("inf")) -> Record:
    seen.disturbances.append(Disturbance(kind=Kind.KILL, via=via, from_s=from_s, until_s=until_s))
    return seen


WHOLE = stream("b", START, 0, 1, 2, 3, END)
CANCEL = act(Kind.CANCEL, "c", at_s=0.3, ok=True)


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
