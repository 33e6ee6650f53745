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
from queueproof.targets.reading import read_job
from queueproof.targets.system import System
from queueproof.waiting import eventually

_EACH = Probe(ticks=3, interval_s=0.2, witnessed=True)
#: More than a worker takes at once, with what it may hold beside the jobs that it does (prefetch).
_JOBS_A_SLOT, _MOST_JOBS = 3, 40
#: A new wave behind one that is late would only add to its load.
_DONE_WITHIN_S = 15.0


async def queue_lacks(system: System) -> str:
    """What of the service does not work; empty when a wave of jobs was done by every worker."""
    try:
        return await _wave(system)
    except QueueproofError as error:
        return str(error)


async def _wave(system: System) -> str:
    number = min(_MOST_JOBS, _JOBS_A_SLOT * max(len(system.crew), system.slots or 1, 1))
    answers = await asyncio.gather(*(system.try_submit(_EACH) for _ in range(number)))
    jobs = [job for job, _ in answers if job is not None]
    if len(jobs) < number:
        refused = next(reply for job, reply in answers if job is None)
        return f"{number - len(jobs)} of {number} submits got {refused.words or 'no answer'}"

    async def done() -> int:
        return sum(len(job.sightings) >= _EACH.ticks for job in jobs)

    finished, _ = await eventually(done, lambda seen: seen == number, within_s=_DONE_WITHIN_S)
    system.history.note("wave", f"{finished} of {number} jobs done", firsts=_firsts(system, jobs))
    if finished < number:
        return f"{number - finished} of {number} jobs were not done within {_DONE_WITHIN_S:g} s"
    return idle_workers(system, jobs) or await _untold(jobs[0])


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
