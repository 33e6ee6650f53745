"""Jobs that wait: all slots of all workers are filled first.

A job that is told to wait may already have begun, and one that waits may sit in a worker's memory.
So what waits is seen by the witness: it has not begun while all slots are taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from queueproof.errors import Inconclusive, NotAssessed
from queueproof.probe import Probe
from queueproof.targets.job import Job
from queueproof.targets.system import System
from queueproof.waiting import eventually

#: The first slot is free after so long, each further one so much later.
_FIRST_FREE_S, _APART_S = 2.5, 0.2
_TICK_S = 0.1
_MOST_SLOTS = 100
_AT_ONCE = 8


async def fill_slots(target: System) -> list[Job]:
    """As many jobs as there are slots, all begun; they end one after the other.

    Raises NotAssessed where the number of slots is not declared, Inconclusive where they do not
    all begin.
    """
    slots = target.slots
    if slots is None:
        raise NotAssessed("how many jobs run at once is not known: give workers and worker_slots")
    if slots > _MOST_SLOTS:
        raise NotAssessed(f"{slots} slots are more than can be filled ({_MOST_SLOTS})")
    turn = asyncio.Semaphore(_AT_ONCE)

    async def submitted(number: int) -> Job:
        lasts_s = _FIRST_FREE_S + number * _APART_S
        probe = Probe(ticks=round(lasts_s / _TICK_S), interval_s=_TICK_S, witnessed=True)
        async with turn:
            return await target.submit(probe)

    jobs = list(await asyncio.gather(*(submitted(number) for number in range(slots))))
    if not await all_begun(jobs, within_s=target.timings.answer_s):
        begun = sum(bool(job.sightings) for job in jobs)
        raise Inconclusive(f"{begun} of {slots} jobs began: are there as many slots as declared?")
    return jobs


async def submit_waiting(target: System, probes: Sequence[Probe]) -> list[Job]:
    """These jobs, one after the other, that must wait; raises Inconclusive when one began."""
    jobs = [await target.submit(replace(probe, witnessed=True)) for probe in probes]
    if any(job.sightings for job in jobs):
        raise Inconclusive("a job that was meant to wait began at once: are there more slots?")
    return jobs


async def all_begun(jobs: Sequence[Job], *, within_s: float) -> bool:
    """Whether the witness saw each of them begin in time."""

    async def begun() -> bool:
        return all(job.sightings for job in jobs)

    _, seen = await eventually(begun, bool, within_s=within_s)
    return seen


def begun_s(job: Job) -> float:
    """When the witness first saw it at work; for ever later where it did not."""
    return min((seen.at_s for seen in job.sightings), default=float("inf"))
