"""A harness that was away accuses nobody of what follows from that, and only then."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.errors import Inconclusive, Violation
from queueproof.history import LEFT_ALONE, Operation
from queueproof.running.absence import excused, longest_absence_s
from queueproof.running.strain import Strain

SEEN = Violation(expected="this", actual="that")
BUSY, CALM = Strain(waiting=0.7), Strain()


def operation(kind: str, from_s: float, to_s: float | None, *, job: str = "job-1") -> Operation:
    return Operation(
        number=0, case="case", kind=kind, job=job, worker="a", invoked_s=from_s, ended_s=to_s
    )


def job(*, threshold_s: float = 5.0, ttl_s: float = 8.0) -> Any:
    timings = SimpleNamespace(stale_threshold_s=threshold_s, stream_ttl_s=ttl_s)
    return SimpleNamespace(id="job-1", system=SimpleNamespace(timings=timings))


def judged(
    *operations: Operation, of: Any = None, area: str = "cancel", strain: Strain = BUSY
) -> Violation | Inconclusive:
    until_s = 10.0
    return excused(SEEN, [of or job()], operations, area=area, strain=strain, until_s=until_s)


SUBMIT, LATE = operation("submit", 0.0, 1.0), operation("poll", 5.0, 6.0)
AT_LAST = operation("poll", 9.0, 9.5)


def test_what_is_seen_after_an_absence_under_strain_is_nobodys() -> None:
    told = judged(SUBMIT, LATE, AT_LAST)

    assert isinstance(told, Inconclusive)
    assert "nobody asked about job job-1 for 4.0 s" in str(told)
    assert str(SEEN) in str(told)
    assert str(BUSY) in str(told)


@pytest.mark.parametrize(
    "told",
    [
        judged(SUBMIT, LATE, AT_LAST, strain=CALM),
        judged(SUBMIT, LATE, AT_LAST, area="ttl"),
        judged(SUBMIT, LATE, AT_LAST, of=job(threshold_s=6.0)),
        judged(SUBMIT, LATE, AT_LAST, of=job(threshold_s=0.0, ttl_s=0.0)),
        judged(SUBMIT, operation("stream", 1.5, None)),
        judged(SUBMIT, LATE, AT_LAST, operation(LEFT_ALONE, 1.5, 1.5)),
        judged(operation("submit", 0.0, 1.0, job="another")),
    ],
    ids=["calm", "its area", "patient", "no bounds", "a stream is open", "on purpose", "another"],
)
def test_else_it_is_the_targets(told: Violation | Inconclusive) -> None:
    assert told is SEEN


def test_the_shorter_of_both_bounds_counts() -> None:
    for of in (job(threshold_s=0.0, ttl_s=5.0), job(threshold_s=60.0, ttl_s=5.0)):
        assert isinstance(judged(SUBMIT, LATE, AT_LAST, of=of), Inconclusive)


def test_an_absence_lasts_from_the_end_of_a_reading_to_the_beginning_of_the_next() -> None:
    short_inside = (operation("stream", 2.0, 8.0), operation("poll", 3.0, 4.0))

    assert longest_absence_s("job-1", (SUBMIT, *short_inside), until_s=8.5) == 1.0
    assert longest_absence_s("job-1", (SUBMIT, LATE), until_s=6.5) == 4.0
    assert longest_absence_s("job-1", (SUBMIT, LATE), until_s=12.0) == 6.0
    assert longest_absence_s("job-1", (), until_s=12.0) == 0.0


def test_a_cancel_or_a_look_at_the_monitor_is_no_reading() -> None:
    beside = (operation("cancel", 2.0, 3.0), operation("monitor", 3.0, 4.0))

    assert longest_absence_s("job-1", (SUBMIT, *beside), until_s=6.0) == 5.0
