"""Whether a worker begins a plain job: the least that a queue can be asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress

from queueproof.case_helpers.keepalive import kept_alive
from queueproof.errors import QueueproofError
from queueproof.history import EventKind, Operation
from queueproof.probe import Probe
from queueproof.targets.fleet import ANY_WORKER, Worker
from queueproof.targets.job import Ending, Job, ending_of
from queueproof.targets.reading import read_job
from queueproof.targets.system import System

PLAIN = Probe(ticks=1, interval_s=0.05, witnessed=True)
_PAUSE_S = 0.2


async def begins_a_job(system: System, worker: Worker, *, within_s: float) -> bool | None:
    """Whether a plain job, submitted now, is begun within so many seconds.

    A client cares for the job all the while, lest it counts as abandoned. None where it was not
    accepted, which is another matter.
    """
    began = len(system.history.operations)
    job, _ = await system.try_submit(PLAIN, via=None if worker is ANY_WORKER else worker)
    if job is None:
        return None
    deadline = time.monotonic() + within_s
    async with kept_alive(job, via=job.owner, for_s=within_s):
        while True:
            left_s = deadline - time.monotonic()
            await _read(job, within_s=max(left_s, 1.0))
            if has_begun(job, system.history.operations[began:]):
                return True
            if left_s <= 0:
                break
            await asyncio.sleep(_PAUSE_S)
    with suppress(QueueproofError):
        await system.cancel(job)
    return False


def has_begun(job: Job, operations: Iterable[Operation]) -> bool:
    """Whether anything that these operations were told, or the witness, shows the job at work.

    A plan, a cancel, and a failure may be told of a job that never did anything.
    """
    told = [event for one in operations if one.job == job.id for event in one.events]
    ticked = any(event.kind is EventKind.TICK for event in told)
    return bool(job.sightings) or ticked or ending_of(told) is Ending.COMPLETED


async def _read(job: Job, *, within_s: float) -> None:
    """Read the job for as long as it tells anything; some targets end a stream of nothing early."""
    with suppress(QueueproofError):
        await read_job(job, via=job.owner, within_s=within_s)
