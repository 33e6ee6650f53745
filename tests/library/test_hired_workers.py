"""A case that waits for a new worker's deeds blames nobody for a worker that did not come."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from queueproof.errors import Inconclusive
from queueproof.probe import Probe
from queueproof.running.launch import Launch
from queueproof.targets.job import Job
from queueproof.targets.worker import ANY_WORKER

KILLED: Any = import_module("suites.workers.test_killed")


class Environment:
    """Launches a target that is there, and hires workers, which come or do not."""

    def __init__(self, *, serving: bool = True, done: int = 1) -> None:
        self.hired = SimpleNamespace(
            serving=serving, why_mute="it ended: ModuleNotFoundError: queue"
        )
        self.signals: list[int] = []
        victim = SimpleNamespace(send=self.signals.append, send_to_family=self.signals.append)
        crew = [SimpleNamespace(victim=victim)]
        self.lane = SimpleNamespace(
            system=self, boot=SimpleNamespace(crew=crew), redis=None, settings={}
        )
        self.timings = SimpleNamespace(owner_death_s=1.0, answer_s=1.0)
        self.witness = SimpleNamespace(sightings=lambda _: [SimpleNamespace(at_s=1.0)] * done)

    async def open_lane(self, *_: Any, **__: Any) -> Any:
        return self.lane

    async def hire(self, *_: Any) -> Any:
        return self.hired

    async def submit(self, probe: Probe) -> Job:
        system: Any = self
        return Job(id="j", key="k", probe=probe, owner=ANY_WORKER, submitted_s=0.0, system=system)


def launching(environment: Any) -> Launch:
    return Launch(environment, AsyncExitStack())


def test_a_worker_that_serves_is_had() -> None:
    environment: Any = Environment()

    hired = asyncio.run(launching(environment).one_more_worker(environment.lane))

    assert hired is environment.hired


@pytest.mark.parametrize(
    "case",
    [
        KILLED.test_a_killed_workers_job_is_run_again_or_told,
        KILLED.test_a_killed_workers_job_is_run_again_where_that_is_promised,
        KILLED.test_a_job_whose_worker_is_told_to_stop_is_done_once_or_told,
    ],
)
def test_a_worker_that_did_not_come_accuses_nobody(case: Any) -> None:
    with pytest.raises(
        Inconclusive, match="one more worker does not serve, it ended: ModuleNotFound"
    ):
        asyncio.run(case(launching(Environment(serving=False))))


def test_a_stop_that_comes_after_the_jobs_end_shows_nothing() -> None:
    """A new worker may take longer to boot than the job takes: it was done once, undisturbed."""
    environment = Environment(done=KILLED.LONG.ticks)

    with pytest.raises(Inconclusive, match="its end before its worker was told to stop"):
        asyncio.run(
            KILLED.test_a_job_whose_worker_is_told_to_stop_is_done_once_or_told(
                launching(environment)
            )
        )

    assert environment.signals
