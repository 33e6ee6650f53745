"""What is to leave a running job alone proves nothing beside one that was over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.case_helpers.moments import require_under_way
from queueproof.errors import Inconclusive, Violation
from queueproof.history import Event, EventKind, Outcome
from queueproof.probe import Probe
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.protocol import CancelReply
from queueproof.targets.raw_replies import RawReply
from queueproof.targets.worker import Worker

ODD_IDS: Any = import_module("suites.cancel.test_odd_ids")
CANCELLED: Any = import_module("suites.promises.test_cancelled_jobs")
A_SECOND = Probe(ticks=11, interval_s=0.1)


def job(*seen_s: float, submitted_s: float = 5.0) -> Any:
    sightings = [SimpleNamespace(at_s=at_s) for at_s in seen_s]
    return SimpleNamespace(probe=A_SECOND, submitted_s=submitted_s, sightings=sightings)


@pytest.mark.parametrize(
    ("beside", "at_s"),
    [((job(),), 5.9), ((job(6.0, 6.9),), 6.8), ((job(), job(submitted_s=5.5)), 5.9), ((), 9.0)],
    ids=["by its length", "by its last step", "all of several", "none"],
)
def test_beside_a_job_that_still_ran_something_was_shown(
    beside: tuple[Any, ...], at_s: float
) -> None:
    require_under_way(*beside, at_s=at_s, what="the cancels")


@pytest.mark.parametrize(
    ("beside", "at_s"),
    [((job(),), 6.5), ((job(6.0, 6.9),), 7.0), ((job(submitted_s=5.8), job()), 6.5)],
    ids=["by its length", "by its last step", "one of several"],
)
def test_beside_a_job_that_may_have_been_over_nothing_was_shown(
    beside: tuple[Any, ...], at_s: float
) -> None:
    with pytest.raises(Inconclusive, match="the cancels came so late that a job beside may have"):
        require_under_way(*beside, at_s=at_s, what="the cancels")


class Target:
    """Takes a job, which is told whole or cut short; each odd id takes its time to be refused."""

    def __init__(self, *, each_takes_s: float, told: int | None = None) -> None:
        self._each_s, self._told, self._now_s = each_takes_s, told, 0.0
        self.history = SimpleNamespace(now_s=lambda: self._now_s, of_case=lambda _: [])
        self.witness = SimpleNamespace(sightings=lambda _: [])
        self.timings = SimpleNamespace(stale_threshold_s=0.0, stream_ttl_s=60.0, answer_s=1.0)

    async def submit(self, probe: Probe, *, via: str) -> Job:
        system: Any = self
        worker = Worker(via, via)
        at_s = self._now_s
        return Job(id="job", key="", probe=probe, owner=worker, submitted_s=at_s, system=system)

    async def refused(self, *_: Any, **__: Any) -> RawReply:
        self._now_s += self._each_s
        return RawReply(outcome=Outcome.FAILED, status=422)

    async def read(self, ran: Job, **_: Any) -> Delivery:
        told = ran.probe.ticks if self._told is None else self._told
        ticks = [Event(EventKind.TICK, 0.0, tick=tick) for tick in range(told)]
        ended = Ending.COMPLETED if told == ran.probe.ticks else Ending.CANCELLED
        return Delivery(job=ran, events=tuple(ticks), ending=ended, ended_s=self._now_s)


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[[Target], None]:
    """Ask such a target for odd ids."""

    def played(target: Target) -> None:
        monkeypatch.setattr(ODD_IDS, "ask", target.refused)
        monkeypatch.setattr(ODD_IDS, "read_stream", target.read)
        asyncio.run(ODD_IDS.test_cancels_of_ids_that_cannot_be_are_refused(target, ("a",)))

    return played


def test_odd_ids_that_are_refused_while_a_job_runs_are_right(play: Any) -> None:
    play(Target(each_takes_s=0.01))


def test_where_each_takes_its_time_a_longer_job_is_beside_them(play: Any) -> None:
    play(Target(each_takes_s=0.3))


def test_odd_ids_that_cancel_the_job_beside_them_are_wrong(play: Any) -> None:
    with pytest.raises(Violation, match="missing"):
        play(Target(each_takes_s=0.01, told=3))


def test_odd_ids_that_are_refused_when_the_job_is_over_show_nothing(play: Any) -> None:
    with pytest.raises(Inconclusive, match="the cancels came so late"):
        play(Target(each_takes_s=5.0))


class Queue(Target):
    """Takes cancels of jobs that never were, each in its time; its own jobs complete."""

    def __init__(self, *, each_takes_s: float, answered: bool = True) -> None:
        super().__init__(each_takes_s=each_takes_s, told=0)
        self._status = 404 if answered else None

    def unknown_job(self) -> None:
        """None at all."""

    async def cancel(self, *_: Any, **__: Any) -> CancelReply:
        self._now_s += self._each_s
        return CancelReply(outcome=Outcome.FAILED, status=self._status, detail="no answer")

    async def completed(self, ran: Job) -> Delivery:
        return Delivery(job=ran, events=(), ending=Ending.COMPLETED, ended_s=self._now_s)


@pytest.mark.parametrize(
    ("queue", "doubt"),
    [
        (Queue(each_takes_s=0.01), ""),
        (Queue(each_takes_s=1.0), "the cancels came so late"),
        (Queue(each_takes_s=0.01, answered=False), "was answered: no answer"),
    ],
    ids=["in time", "too late", "in vain"],
)
def test_cancels_of_nothing_harm_nobody_where_they_came(
    monkeypatch: pytest.MonkeyPatch, queue: Queue, doubt: str
) -> None:
    async def begun(_: Job) -> None:
        """At once."""

    monkeypatch.setattr(CANCELLED, "work_begun", begun)
    monkeypatch.setattr(CANCELLED, "read_job", queue.completed)
    case = CANCELLED.test_cancels_of_jobs_that_never_existed_harm_no_job(queue, ("a", "b"))

    if not doubt:
        asyncio.run(case)
        return
    with pytest.raises(Inconclusive, match=doubt):
        asyncio.run(case)
