"""A harness that was away accuses nobody of what follows from that, and only then."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.errors import Inconclusive, Violation
from queueproof.history import LEFT_ALONE, Event, EventKind, Operation
from queueproof.running.absence import excused
from queueproof.running.strain import Strain

SEEN = Violation(expected="this", actual="that")
BUSY, CALM = Strain(waiting=0.7), Strain()


def operation(
    kind: str, from_s: float, to_s: float | None, *events: Event, job: str = "job-1"
) -> Operation:
    return Operation(
        number=0,
        case="case",
        kind=kind,
        job=job,
        worker="a",
        invoked_s=from_s,
        ended_s=to_s,
        events=list(events),
    )


def job(*, threshold_s: float = 5.0, ttl_s: float = 8.0) -> Any:
    timings = SimpleNamespace(stale_threshold_s=threshold_s, stream_ttl_s=ttl_s)
    return SimpleNamespace(id="job-1", system=SimpleNamespace(timings=timings))


def judged(
    *operations: Operation, of: Any = None, area: str = "cancel", strain: Strain = BUSY
) -> Violation | Inconclusive:
    return excused(SEEN, [of or job()], operations, area=area, strain=strain)


SUBMIT = operation("submit", 0.0, 1.0)
READ = operation("poll", 2.0, 2.5)
LATE = operation("poll", 6.5, 7.0)
ENDED = operation("stream", 1.0, 2.0, Event(EventKind.END, 2.0))


def test_what_is_seen_after_an_absence_under_strain_is_nobodys() -> None:
    told = judged(SUBMIT, READ, LATE)

    assert isinstance(told, Inconclusive)
    assert "nobody read job job-1 for 4.0 s, which its target may give up after 5.0 s" in str(told)
    assert str(SEEN) in str(told)
    assert str(BUSY) in str(told)


@pytest.mark.parametrize(
    "judging",
    [
        lambda: judged(SUBMIT, READ, LATE, strain=CALM),
        lambda: judged(SUBMIT, READ, LATE, area="ttl"),
        lambda: judged(SUBMIT, READ, LATE, area="retention"),
        lambda: judged(SUBMIT, READ, LATE, strain=CALM, area="ttl"),
        lambda: judged(SUBMIT, READ, LATE, of=job(threshold_s=6.0)),
        lambda: judged(SUBMIT, READ, LATE, of=job(threshold_s=0.0, ttl_s=0.0)),
        lambda: judged(SUBMIT, operation("stream", 1.5, None), LATE),
        lambda: judged(SUBMIT, READ, LATE, operation(LEFT_ALONE, 1.5, 1.5)),
        lambda: judged(SUBMIT, ENDED, operation("poll", 7.5, 8.0)),
        lambda: judged(operation("submit", 0.0, 1.0, job="another"), READ),
    ],
    ids=[
        "calm",
        "its area",
        "its other area",
        "its area, calm",
        "patient",
        "no bounds",
        "a stream is open",
        "on purpose",
        "ended and kept",
        "another's job",
    ],
)
def test_else_it_is_the_targets(judging: Callable[[], Violation | Inconclusive]) -> None:
    assert judging() is SEEN


def test_what_has_ended_is_kept_for_its_time_to_live() -> None:
    late = operation("poll", 8.0, 8.1)

    assert "for 6.0 s" in str(judged(SUBMIT, ENDED, late))
    assert judged(SUBMIT, ENDED, late, of=job(ttl_s=9.0)) is SEEN


def test_a_running_job_may_be_forgotten_as_well() -> None:
    assert isinstance(judged(SUBMIT, READ, LATE, of=job(threshold_s=0.0, ttl_s=5.0)), Inconclusive)
    assert isinstance(judged(SUBMIT, READ, LATE, of=job(threshold_s=60.0, ttl_s=5.0)), Inconclusive)


def test_another_job_that_was_left_alone_on_purpose_excuses_nothing() -> None:
    beside = operation(LEFT_ALONE, 1.5, 1.5, job="another")

    assert isinstance(judged(SUBMIT, READ, LATE, beside), Inconclusive)


def test_a_bound_below_a_second_is_one() -> None:
    soon = operation("poll", 1.5, 2.0)

    assert isinstance(judged(SUBMIT, soon, of=job(threshold_s=1.0, ttl_s=60.0)), Inconclusive)


def test_what_is_asked_for_just_in_time_is_in_time() -> None:
    at_the_bound = operation("poll", 7.0, 7.5)

    assert judged(SUBMIT, at_the_bound, of=job(threshold_s=10.0, ttl_s=0.0)) is SEEN
