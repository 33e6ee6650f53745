"""A job's work, as the witness sees it: stopped only after a silence that follows the bound."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.errors import Inconclusive
from queueproof.history import LEFT_ALONE
from queueproof.probe import Probe
from queueproof.targets import work
from queueproof.targets.work import require_over, work_begun, work_goes_on, work_stopped


class Seen:
    """A job whose ticks are heard at instants of a clock that begins with it."""

    def __init__(self, *ticks_s: float, ticks: int = 100) -> None:
        self._began = time.monotonic()
        self._ticks_s = ticks_s
        self.probe = Probe(ticks=ticks, interval_s=0.005)
        self.system = SimpleNamespace(
            history=SimpleNamespace(
                now_s=self.now_s,
                of_case=lambda _: self.operations,
                note=lambda kind, _, **__: self.notes.append(kind),
            ),
            timings=SimpleNamespace(answer_s=0.1, stale_threshold_s=0.0),
        )
        self.id, self.operations, self.notes = "job-1", list[Any](), list[str]()

    def now_s(self) -> float:
        return time.monotonic() - self._began

    @property
    def sightings(self) -> list[Any]:
        return [SimpleNamespace(at_s=at_s) for at_s in self._ticks_s if at_s <= self.now_s()]


def every(step_s: float, *, until_s: float) -> list[float]:
    return [number * step_s + 0.01 for number in range(round(until_s / step_s))]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_STILL_AT_LEAST_S", 0.1)


def stopped(job: Any, by_s: float) -> bool:
    return asyncio.run(work_stopped(job, by_s=by_s))


def test_work_that_goes_on_after_the_bound_has_not_stopped() -> None:
    assert not stopped(Seen(*every(0.05, until_s=0.6)), by_s=0.3)


def test_a_stillness_before_the_bound_proves_nothing() -> None:
    """A stalled job looks like a stopped one: it is waited for until the bound is over."""
    stalled = (at_s for at_s in every(0.05, until_s=0.8) if not 0.02 < at_s < 0.35)

    assert not stopped(Seen(*stalled), by_s=0.5)


def test_a_silence_of_many_ticks_after_the_bound_is_a_stop() -> None:
    job = Seen(0.01, 0.02)

    assert stopped(job, by_s=0.1)
    assert job.now_s() > 0.1


def test_a_job_that_came_to_its_own_end_proves_nothing() -> None:
    with pytest.raises(Inconclusive, match="own end"):
        stopped(Seen(0.01, 0.02, ticks=2), by_s=0.1)


def test_work_goes_on_as_soon_as_one_tick_is_seen_after_the_moment() -> None:
    assert asyncio.run(work_goes_on(Seen(0.01, 0.15), past_s=0.1))  # type: ignore[arg-type]
    assert not asyncio.run(work_goes_on(Seen(0.01), past_s=0.1))  # type: ignore[arg-type]


def test_a_job_that_never_begins_is_inconclusive() -> None:
    asyncio.run(work_begun(Seen(0.02)))  # type: ignore[arg-type]
    with pytest.raises(Inconclusive, match="did nothing"):
        asyncio.run(work_begun(Seen()))  # type: ignore[arg-type]


def unread_since(read_s: float, *, threshold_s: float, kind: str = "poll") -> Seen:
    """A job that works for 0.4 s, and was read for the last time at `read_s`."""
    job = Seen(*every(0.05, until_s=0.4))
    job.system.timings.stale_threshold_s = threshold_s
    for at_s, what in ((0.0, "submit"), (read_s, kind)):
        told = SimpleNamespace(job="job-1", kind=what, invoked_s=at_s, ended_s=at_s)
        job.operations.append(told)
    return job


def test_work_that_a_watchdog_may_have_stopped_proves_nothing() -> None:
    with pytest.raises(Inconclusive, match="nobody had read the job for"):
        stopped(unread_since(0.05, threshold_s=0.3), by_s=0.5)


@pytest.mark.parametrize(
    "job",
    [
        unread_since(0.3, threshold_s=0.3),
        unread_since(0.05, threshold_s=0.0),
        unread_since(0.05, threshold_s=2.0),
    ],
    ids=["read in time", "no watchdog", "a patient one"],
)
def test_work_that_no_watchdog_stopped_has_stopped(job: Seen) -> None:
    job._began = time.monotonic()

    assert stopped(job, by_s=0.5)


def test_an_open_stream_is_a_sign_of_life_until_it_is_over() -> None:
    job = unread_since(0.05, threshold_s=0.3, kind="stream")
    job.operations[-1].ended_s = None

    assert stopped(job, by_s=0.5)


def test_a_cancel_is_no_sign_that_a_client_is_there() -> None:
    with pytest.raises(Inconclusive, match="watchdog"):
        stopped(unread_since(0.3, threshold_s=0.3, kind="cancel"), by_s=0.5)


def test_where_being_unread_is_what_should_stop_it_it_has_stopped() -> None:
    job: Any = unread_since(0.05, threshold_s=0.3)

    assert asyncio.run(work_stopped(job, by_s=0.5, unread=True))
    assert job.notes == [LEFT_ALONE]


def test_jobs_that_are_over_hold_nothing_by_right() -> None:
    asyncio.run(require_over({}))
    asyncio.run(require_over({"the cancelled job": over(), "another": over()}))


def test_a_job_that_is_still_at_work_holds_what_it_has() -> None:
    at_work: Any = Seen(*every(0.02, until_s=5.0))

    with pytest.raises(Inconclusive, match=r"^the one whose reader left: still at work"):
        asyncio.run(
            require_over({"the cancelled job": over(), "the one whose reader left": at_work})
        )


def over() -> Any:
    return Seen(-1.0)
