"""Jobs that are under way when one of the worker programs is killed.

Their streams are read all the while. Which of them the dead worker ran shows afterwards: it did
not do their remaining ticks when these were due.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from queueproof.errors import Inconclusive
from queueproof.faults import Fault, injected
from queueproof.faults.shared.instances import EndedInstance
from queueproof.faults.shared.signalled_process import EndedProcess
from queueproof.probe import Probe
from queueproof.targets.job import Delivery, Ending, Job
from queueproof.targets.predictions import require_service
from queueproof.targets.reading import read_stream
from queueproof.targets.system import System
from queueproof.targets.work import work_begun

WORK = Probe(ticks=12, interval_s=0.3, witnessed=True)
_JOBS = 6
_STILL_S = 1.2
#: What an executor is asked for from the first job to the kill takes up to so many times as long as
#: looking for a victim did: its list, the kill, and its list again until it shows the effect.
_TO_THE_KILL = 2.0


async def victim_and_work(target: System) -> tuple[Fault, Probe]:
    """What `killed_worker` is, and jobs that will be at work when it has been killed.

    A cluster that is far, or a machine that is busy, takes seconds to list pods and to kill one.
    """
    began_s = target.history.now_s()
    fault = await killed_worker(target)
    return fault, outlasting(target.history.now_s() - began_s)


def outlasting(looked_for_s: float) -> Probe:
    """A probe that is under way when a victim has been killed that took so long to be found."""
    more = int(looked_for_s * _TO_THE_KILL / WORK.interval_s)
    return replace(WORK, ticks=WORK.ticks + more)


async def killed_worker(target: System) -> Fault:
    """The fault of killing one of the workers that live; there must be another one left.

    Raises Inconclusive when there is not.
    """
    workforce = target.workforce
    if workforce is None or any(member.pid for member in target.crew):
        living = [member for member in target.crew if member.alive]
        _require_two(len(living))
        return EndedProcess(random.choice(living).victim, "a worker")  # noqa: S311
    # Listed anew: a pod's successor has another name.
    instances = await workforce.apart_from(target.fleet.addresses.urls)
    ready = [one for one in instances if one.ready]
    _require_two(len(ready))
    return EndedInstance(workforce, random.choice(ready), url="", graceful=False)  # noqa: S311


def _require_two(number: int) -> None:
    if number < 2:
        raise Inconclusive("fewer than two workers live: an earlier case's victim has no successor")


class Casualties:
    """Jobs, the tasks that read them, and when the worker was killed."""

    def __init__(self, target: System, jobs: list[Job], work: Probe) -> None:
        self._target = target
        self._jobs = jobs
        self._work = work
        self._readers = [asyncio.create_task(read_stream(job, within_s=3600.0)) for job in jobs]
        self._killed_s = 0.0

    @classmethod
    @asynccontextmanager
    async def of(cls, target: System) -> AsyncIterator[Casualties]:
        """Begin the jobs and kill a worker; the body reads what becomes of them."""
        await require_service(target)
        fault, work = await victim_and_work(target)
        jobs = []
        for _ in range(_JOBS):
            # One by one: how many can be begun at the same instant is another question.
            jobs.append(await target.submit(work))
            await work_begun(jobs[-1])
        casualties = cls(target, jobs, work)
        try:
            async with injected(fault, target.history):
                casualties._killed_s = target.history.now_s()
                yield casualties
        finally:
            for reader in casualties._readers:
                reader.cancel()
            await asyncio.gather(*casualties._readers, return_exceptions=True)

    async def read(self, *, bound_s: float) -> list[Delivery]:
        """What readers of the dead worker's jobs were told, once all is over, or what a whole job
        takes behind the bound.

        A stream that has not ended by then is silent. Raises Inconclusive when the dead worker
        ran none of the jobs.
        """
        within_s = bound_s + self._work.duration_s
        await asyncio.wait(self._readers, timeout=within_s)
        victims = [
            (job, reader)
            for job, reader in zip(self._jobs, self._readers, strict=True)
            if self._fell_still(job)
        ]
        if not victims:
            raise Inconclusive("the killed worker ran none of the jobs")
        return [
            reader.result() if reader.done() else await self._given_up(reader, job, within_s)
            for job, reader in victims
        ]

    def _fell_still(self, job: Job) -> bool:
        """Whether no tick came in the time after the kill in which several were due."""
        due_s = self._killed_s + _STILL_S
        seen = [tick.at_s for tick in job.sightings]
        before = [at_s for at_s in seen if at_s <= self._killed_s + WORK.interval_s]
        return len(before) < self._work.ticks - 4 and not any(
            self._killed_s + WORK.interval_s < at_s <= due_s for at_s in seen
        )

    async def _given_up(
        self, reader: asyncio.Task[Delivery], job: Job, within_s: float
    ) -> Delivery:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        return Delivery(
            job=job,
            events=(),
            ending=Ending.SILENT,
            ended_s=self._target.history.now_s(),
            detail=f"the stream was still open {within_s:.0f} s after the kill",
        )
