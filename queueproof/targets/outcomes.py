"""How a job ends by its status, how often it was begun by the witness, and whether it was run."""

from __future__ import annotations

from queueproof.targets.generic.probe_values import answer_of
from queueproof.targets.job import Job
from queueproof.targets.statuses import StatusReply, result, status
from queueproof.waiting import eventually


async def ended(job: Job, *, within_s: float) -> StatusReply:
    """The job's status once it tells an end, else what it says after `within_s`."""
    reply, _ = await eventually(
        lambda: status(job), lambda reply: reply.ending is not None, within_s=within_s
    )
    return reply


def runs_of(job: Job) -> int:
    """How often the job was begun: how often the witness saw its first tick."""
    return sum(sighting.tick == 0 for sighting in job.sightings)


async def was_run(job: Job) -> bool:
    """Whether the witness saw the job at work; without one, whether what it alone was asked to
    compute is told as its result.

    A result shows that it was run, once its end is told, and neither when nor how often.
    """
    if job.sightings or not job.system.told_by_results:
        return bool(job.sightings)
    return str((await result(job)).result) == answer_of(job.key, job.probe)
