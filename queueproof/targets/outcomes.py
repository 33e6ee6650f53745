"""How a job ends by its status, and how often it was begun by the witness."""

from __future__ import annotations

from queueproof.targets.job import Job
from queueproof.targets.statuses import StatusReply, status
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
