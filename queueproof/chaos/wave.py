"""Whether a queue works: a wave of jobs, and who did them.

A worker that is up is not a worker that works. So there are more jobs at once than one worker has
slots for, and each worker must have done some of them, as far as the witness can see who did.
"""

from __future__ import annotations

import asyncio

from queueproof.checkers.outcome_words import DONE_AND_TOLD
from queueproof.errors import QueueproofError
from queueproof.probe import Probe
from queueproof.targets.job import Ending, Job
from queueproof.targets.protocol import SubmitReply
from queueproof.targets.reading import read_job
from queueproof.targets.system import System
from queueproof.waiting import eventually

#: It holds its slot for long enough that the others get some, and reports no more than it must.
_EACH = Probe(ticks=2, interval_s=0.3, witnessed=True)
#: More than a worker takes at once, with what it may hold beside the jobs that it does (prefetch).
_JOBS_A_SLOT, _MOST_JOBS = 3, 40
#: A front on a busy machine that is asked for all of them at once answers none in time.
_AT_ONCE = 8
#: A new wave behind one that is late would only add to its load.
_DONE_WITHIN_S = 15.0


async def queue_lacks(system: System, *, done_within_s: float = _DONE_WITHIN_S) -> str:
    """What of the service does not work; empty when a wave of jobs was done by every worker."""
    try:
        return await _wave(system, done_within_s)
    except QueueproofError as error:
        return str(error)


async def _wave(system: System, done_within_s: float) -> str:
    number = min(_MOST_JOBS, _JOBS_A_SLOT * max(len(system.crew), system.slots or 1, 1))
    jobs, refusals = await _submitted(system, number)
    if refusals:
        asked = len(jobs) + len(refusals)
        return f"{len(refusals)} of {asked} submits got {refusals[0].words or 'no answer'}"

    async def done() -> int:
        return sum(len(job.sightings) >= _EACH.ticks for job in jobs)

    finished, _ = await eventually(done, lambda seen: seen == number, within_s=done_within_s)
    system.history.note("wave", f"{finished} of {number} jobs done", firsts=_firsts(system, jobs))
    if finished < number:
        return f"{number - finished} of {number} jobs were not done within {done_within_s:g} s"
    return idle_workers(system, jobs) or await _untold(jobs[0])


async def _submitted(system: System, number: int) -> tuple[list[Job], list[SubmitReply]]:
    """Some at once; after a refusal no more are sent: the wave is none any more."""
    turn = asyncio.Semaphore(_AT_ONCE)
    jobs: list[Job] = []
    refusals: list[SubmitReply] = []

    async def one() -> None:
        async with turn:
            if refusals:
                return
            job, reply = await system.try_submit(_EACH)
        if job is None:
            refusals.append(reply)
        else:
            jobs.append(job)

    await asyncio.gather(*(one() for _ in range(number)))
    return jobs, refusals


def _firsts(system: System, jobs: list[Job]) -> dict[str, float]:
    """When each worker program began its first one, where it could be seen who did it."""
    firsts: dict[str, float] = {}
    for job in jobs:
        worker = system.witness.worker_of(job.key)
        if worker and job.sightings:
            begun_s = job.sightings[0].at_s
            firsts[worker] = min(firsts.get(worker, begun_s), begun_s)
    return firsts


def idle_workers(system: System, jobs: list[Job]) -> str:
    """The worker programs that did none of the jobs, where it could be seen who did each of them:
    one of whom that is not known may have been theirs.
    """
    seen = {system.witness.worker_of(job.key) for job in jobs}
    idle = [member.label for member in system.crew if member.label not in seen]
    return (
        f"{' and '.join(idle)} took none of {len(jobs)} jobs" if idle and None not in seen else ""
    )


async def _untold(job: Job) -> str:
    told = await read_job(job, within_s=_DONE_WITHIN_S)
    if told.ending is Ending.COMPLETED:
        return ""
    return f"{DONE_AND_TOLD}: {told.ending.value} {told.detail}".strip()
