"""A job's work, as the witness sees it: stopped only after a silence that follows the bound."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.errors import Inconclusive
from queueproof.probe import Probe
from queueproof.targets import work
from queueproof.targets.work import work_begun, work_goes_on, work_stopped


class Seen:
    """A job whose ticks are heard at instants of a clock that begins with it."""

    def __init__(self, *ticks_s: float, ticks: int = 100) -> None:
        self._began = time.monotonic()
        self._ticks_s = ticks_s
        self.probe = Probe(ticks=ticks, interval_s=0.005)
        self.system = SimpleNamespace(
            history=SimpleNamespace(now_s=self.now_s), timings=SimpleNamespace(answer_s=0.1)
        )

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
