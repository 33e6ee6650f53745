"""Jobs that are to run side by side must have met: a busy machine may take them one by one."""

from __future__ import annotations

import asyncio
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.errors import Inconclusive
from queueproof.history import Event, EventKind, Outcome
from queueproof.probe import Probe
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.raw_replies import Streamed
from queueproof.targets.worker import Worker

SUBMITS: Any = import_module("suites.submitting.test_submits")
MANY: Any = import_module("suites.submitting.test_many_jobs")
CHATS: Any = import_module("suites.submitting.test_streams_of_chats")
WORKERS = (Worker("a", "1"), Worker("b", "2"))


class Target:
    """Takes so many seconds to accept a job, one after another, and tells each whole."""

    def __init__(self, takes_s: float) -> None:
        self.submitted: list[Probe] = []
        self._takes_s, self._now_s = takes_s, 0.0
        self.history = SimpleNamespace(now_s=lambda: self._now_s)
        self.witness = SimpleNamespace(sightings=lambda _: [])

    async def submit(self, probe: Probe, *, via: Worker) -> Job:
        self.submitted.append(probe)
        asked_s, system = self._now_s, self
        self._now_s += self._takes_s
        self_: Any = system
        return Job(id="j", key="k", probe=probe, owner=via, submitted_s=asked_s, system=self_)

    async def read(self, job: Job, **_: Any) -> Delivery:
        ticks = tuple(Event(EventKind.TICK, 0.0, tick=tick) for tick in job.probe.expected_ticks)
        return Delivery(job=job, events=ticks, ending=Ending.COMPLETED, ended_s=0.0)


def paces(target: Target) -> list[float]:
    return sorted({probe.interval_s for probe in target.submitted})


@pytest.mark.parametrize(
    ("takes_s", "tried"), [(0.01, 1), (0.4, 2), (0.9, 3)], ids=["quick", "slow", "very slow"]
)
def test_slow_submits_are_tried_with_slower_jobs(
    monkeypatch: pytest.MonkeyPatch, takes_s: float, tried: int
) -> None:
    target = Target(takes_s)
    monkeypatch.setattr(SUBMITS, "read_job", target.read)

    asyncio.run(SUBMITS.test_jobs_submitted_side_by_side_do_not_mix_their_events(target, WORKERS))

    assert paces(target) == list(SUBMITS._SLOWER_AND_SLOWER[:tried])


def test_jobs_that_never_met_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target(9.0)
    monkeypatch.setattr(SUBMITS, "read_job", target.read)

    with pytest.raises(Inconclusive, match="they never met"):
        asyncio.run(
            SUBMITS.test_jobs_submitted_side_by_side_do_not_mix_their_events(target, WORKERS)
        )


@pytest.mark.parametrize(("takes_s", "tried"), [(0.1, 1), (0.7, 2), (5.0, 3)])
def test_a_pair_is_two_jobs_of_which_the_first_is_under_way(takes_s: float, tried: int) -> None:
    target = Target(takes_s)

    first, second = asyncio.run(MANY._pair(target, WORKERS[0]))

    assert (first.probe.words, second.probe.words) == (("one",), ("other",))
    assert paces(target) == list(MANY._SLOWER_AND_SLOWER[:tried])


def test_a_pair_of_which_the_first_is_always_over_is_none() -> None:
    with pytest.raises(Inconclusive, match="the first job may have been over"):
        asyncio.run(MANY._pair(Target(30.0), WORKERS[0]))


def streamed(answered_s: float, *at_s: float) -> Streamed:
    events = tuple(Event(EventKind.TICK, each) for each in at_s)
    return Streamed(outcome=Outcome.OK, status=200, events=events, answered_s=answered_s)


@pytest.mark.parametrize(
    ("second", "met"),
    [
        (streamed(0.5, 0.6, 2.5), True),
        (streamed(0.9, 1.4, 3.0), True),
        (streamed(1.3, 1.4, 3.0), False),
        (streamed(3.0, 3.0, 3.1), True),
    ],
    ids=["beside it", "begun beside it", "behind it", "held back whole"],
)
def test_streams_meet_where_the_second_begins_before_the_first_ends(
    second: Streamed, *, met: bool
) -> None:
    assert CHATS._met([streamed(0.0, 0.1, 1.2), second]) is met


def test_streams_that_never_met_are_tried_again_slower_and_show_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paced: list[float] = []

    async def one_after_another(_: Any, *probes: Probe) -> bool:
        paced.append(probes[0].interval_s)
        return False

    monkeypatch.setattr(CHATS, "_streamed_in_chats", one_after_another)

    with pytest.raises(Inconclusive, match="they never met"):
        asyncio.run(CHATS.test_what_a_stream_says_of_its_chat_is_of_no_other(None))

    assert paced == list(CHATS._SLOWER)
