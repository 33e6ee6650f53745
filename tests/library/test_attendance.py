"""A job that was left alone for too long accuses nobody; one that was read all the time does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from queueproof.config.model import Timings
from queueproof.errors import Inconclusive, Violation
from queueproof.expectations import expect
from queueproof.history import Event, EventKind, History, Operation, current_case
from queueproof.probe import Probe
from queueproof.targets.attendance import Absence, absence_of, require_running
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.worker import ANY_WORKER

END = Event(kind=EventKind.END, at_s=0.0)


def operation(kind: str, from_s: float, to_s: float | None, *events: Event) -> Operation:
    return Operation(
        number=0,
        case="",
        kind=kind,
        job="j",
        worker="a",
        invoked_s=from_s,
        ended_s=to_s,
        events=list(events),
    )


SUBMIT = operation("submit", 10.0, 12.0)


@pytest.mark.parametrize(
    ("operations", "absence"),
    [
        ([], Absence()),
        ([SUBMIT], Absence()),
        ([SUBMIT, operation("poll", 13.0, 14.0)], Absence(running_s=3.0)),
        (
            [SUBMIT, operation("poll", 12.0, 12.5), operation("poll", 17.5, 18.0)],
            Absence(running_s=5.0),
        ),
        (
            [
                SUBMIT,
                operation("stream", 12.0, 30.0),
                operation("poll", 13.0, 13.1),
                operation("poll", 31.0, 31.1),
            ],
            Absence(running_s=2.0),
        ),
        ([SUBMIT, operation("stream", 12.0, None), operation("poll", 90.0, 91.0)], Absence(2.0)),
        (
            [SUBMIT, operation("stream", 11.0, 12.0, END), operation("stream", 20.0, 20.1)],
            Absence(running_s=1.0, ended_s=8.0),
        ),
        ([SUBMIT, operation("cancel", 90.0, 91.0)], Absence()),
    ],
    ids=[
        "nothing",
        "never read",
        "from when the submit was asked for",
        "between polls",
        "not while another reader is there",
        "not behind a reader that is still there",
        "what has ended is another matter",
        "a cancel is no reader",
    ],
)
def test_the_absence_of_clients_is_read_from_the_history(
    operations: list[Operation], absence: Absence
) -> None:
    assert absence_of(operations, "j") == absence


def test_operations_of_other_jobs_do_not_count() -> None:
    other = operation("poll", 11.0, 11.5)
    other.job = "another"

    assert absence_of([SUBMIT, other, operation("poll", 17.0, 17.1)], "j") == Absence(7.0)


class FakeSystem:
    """A history and timings."""

    def __init__(self, *operations: Operation) -> None:
        self.history = History()
        self.history.of_case = lambda _: list(operations)  # type: ignore[method-assign]
        self.timings = Timings(stale_threshold_s=5.0, stream_ttl_s=8.0)


def empty_delivery(*operations: Operation) -> Delivery:
    """Of a job with three ticks, none of which came."""
    system = FakeSystem(*operations)
    job = Job(
        id="j",
        key="k",
        probe=Probe(ticks=3),
        owner=ANY_WORKER,
        submitted_s=10.0,
        system=system,  # type: ignore[arg-type]
    )
    return Delivery(job=job, events=(), ending=Ending.REFUSED, ended_s=20.0)


PROMPT = (SUBMIT, operation("stream", 11.0, 11.1))
LATE = (SUBMIT, operation("stream", 15.0, 15.1))
AFTER_ITS_LIFE = (
    SUBMIT,
    operation("stream", 11.0, 12.0, END),
    operation("stream", 20.0, 20.1),
)


@pytest.mark.parametrize("statement", ["to_be_complete_and_in_order", "to_have_lost_nothing"])
def test_what_is_missing_from_a_job_that_was_read_in_time_is_a_violation(statement: str) -> None:
    with pytest.raises(Violation):
        getattr(expect(empty_delivery(*PROMPT)), statement)()


@pytest.mark.parametrize("operations", [LATE, AFTER_ITS_LIFE], ids=["reclaimed", "expired"])
@pytest.mark.parametrize("statement", ["to_be_complete_and_in_order", "to_have_lost_nothing"])
def test_what_is_missing_from_a_job_that_was_left_alone_accuses_nobody(
    statement: str, operations: tuple[Operation, ...]
) -> None:
    with pytest.raises(Inconclusive, match="the harness was too late"):
        getattr(expect(empty_delivery(*operations)), statement)()


def test_an_ending_after_an_absence_on_purpose_is_judged() -> None:
    with pytest.raises(Inconclusive):
        expect(empty_delivery(*LATE)).to_have_ended(Ending.COMPLETED)
    with pytest.raises(Violation):
        expect(empty_delivery(*LATE), left_alone=True).to_have_ended(Ending.COMPLETED)


def excuse(*operations: Operation, threshold_s: float = 5.0, ttl_s: float = 8.0) -> str:
    """Why nobody is accused; empty where somebody is."""
    seen = empty_delivery(*operations)
    seen.job.system.timings = Timings(stale_threshold_s=threshold_s, stream_ttl_s=ttl_s)
    try:
        expect(seen).to_have_lost_nothing()
    except Inconclusive as told:
        return str(told)
    except Violation:
        return ""
    raise AssertionError("three ticks are missing")


def test_the_excuse_says_for_how_long_and_how_long_was_allowed() -> None:
    gone = "the harness was too late"
    running = "no client came to read the job for 5.0 s, and the target may give it up after"

    assert excuse(*LATE) == f"{running} 5.0 s: {gone}"
    assert excuse(*LATE, threshold_s=0.0, ttl_s=5.0) == f"{running} 5.0 s: {gone}"
    assert excuse(*AFTER_ITS_LIFE) == (
        "no client came to read what had ended for 8.0 s, and the target may give it up after "
        f"8.0 s: {gone}"
    )


def test_a_bound_below_a_second_is_a_bound_and_none_is_none() -> None:
    assert "may give it up after 0.5 s" in excuse(*PROMPT, threshold_s=0.5)
    assert excuse(*LATE, threshold_s=0.0, ttl_s=0.0) == ""


def test_the_history_of_the_running_case_is_looked_at() -> None:
    seen, asked = empty_delivery(), list[str]()
    seen.job.system.history.of_case = lambda case: asked.append(case) or []  # type: ignore[method-assign,func-returns-value]
    current_case.set("this case")

    with pytest.raises(Violation):
        expect(seen).to_have_lost_nothing()

    assert asked == ["this case"]


def test_whoever_asked_for_a_job_in_the_moment_of_its_end_had_not_been_told_before() -> None:
    """And what is asked later, again and again, counts from the end to the last."""
    ended = operation("stream", 11.0, 12.0, END)
    at_the_end, after, last = (operation("poll", at_s, at_s + 0.1) for at_s in (12.0, 15.0, 19.0))

    assert absence_of([SUBMIT, ended, at_the_end], "j") == Absence(1.0)
    assert absence_of([SUBMIT, ended, after, last], "j") == Absence(1.0, 7.0)


def refused_late(*, ended_s: float, last_s: float | None, ending: Ending = Ending.REFUSED) -> str:
    """What is said of a reader who came soon, and was refused `ended_s` at last."""
    events = () if last_s is None else (Event(EventKind.TICK, last_s, tick=0),)
    seen = replace(empty_delivery(*PROMPT), events=events, ended_s=ended_s, ending=ending)
    seen.job.system.timings = Timings(stale_threshold_s=5.0, stream_ttl_s=8.0, answer_s=2.0)
    try:
        expect(seen).to_have_lost_nothing()
    except Inconclusive as told:
        return str(told)
    except Violation:
        return ""
    raise AssertionError("ticks are missing")


def test_a_reader_who_was_still_served_when_the_jobs_life_was_over_accuses_nobody() -> None:
    """The job was submitted at 10 s, is made to last three intervals, and is kept for 8 s more."""
    over_s = 10.0 + Probe(ticks=3).duration_s + 8.0
    told = f"events still came {over_s - 10.0:.1f} s after the job's submit, and what has ended is"

    assert refused_late(ended_s=over_s, last_s=over_s - 1.9).startswith(f"{told} kept for 8 s")
    assert refused_late(ended_s=over_s - 0.01, last_s=over_s - 1.0) == ""
    assert refused_late(ended_s=over_s, last_s=over_s - 2.0) == ""
    assert refused_late(ended_s=over_s, last_s=None) == ""
    assert refused_late(ended_s=over_s, last_s=over_s - 1.0, ending=Ending.UNMARKED) == ""


def why_not_running(now_s: float, *operations: Operation, probe: Probe) -> str:
    """Why a job of 10 s on may rightly be over at an instant; empty where it must run."""
    job = replace(empty_delivery(*operations).job, probe=probe)
    job.system.history.now_s = lambda: now_s  # type: ignore[method-assign]
    try:
        require_running(job)
    except Inconclusive as told:
        return str(told)
    return ""


def test_a_job_that_is_looked_at_must_run_while_somebody_cares_for_it() -> None:
    """A submit is a sign of life, a poll, and a stream that is open."""
    long = Probe(ticks=100, interval_s=0.2)

    assert why_not_running(16.9, SUBMIT, probe=long) == ""
    assert "no client came to read the running job for 5.0 s" in why_not_running(
        17.0, SUBMIT, probe=long
    )
    assert why_not_running(17.0, SUBMIT, operation("poll", 13.0, 13.1), probe=long) == ""
    assert why_not_running(25.0, SUBMIT, operation("stream", 12.0, None), probe=long) == ""


def test_a_job_that_is_looked_at_after_its_own_length_need_not_run() -> None:
    brief = Probe(ticks=10, interval_s=0.2)

    assert why_not_running(11.9, SUBMIT, probe=brief) == ""
    assert "2.1 s after the submit of a job of 2.0 s" in why_not_running(12.1, SUBMIT, probe=brief)
