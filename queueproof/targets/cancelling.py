"""Cancelling a job that must still be running for a case to mean anything.

A target may tell late what a job does. Who waits for a job's events before he cancels it then comes
when the job is over, or nearly so, and what follows is about its own end.
"""

from __future__ import annotations

from queueproof.errors import Inconclusive
from queueproof.targets.job import Job
from queueproof.targets.protocol import CancelReply
from queueproof.targets.worker import Worker


async def cancel_running(job: Job, *, via: Worker | None = None) -> CancelReply:
    """Cancel a job while it runs.

    Raises Inconclusive when the cancel is not taken, for a refused one promises nothing, and when
    it was taken so late that the job may have come to its own end.
    """
    system = job.system
    reply = await system.cancel(job, via=via)
    late_s = system.history.now_s() - job.submitted_s - job.probe.duration_s
    if not reply.claims_success:
        raise Inconclusive(
            f"{f'worker {via}' if via else 'the target'} did not take the cancel: {reply.words}"
        )
    if late_s > 0:
        raise Inconclusive(
            f"the cancel was answered {late_s:.1f} s after the job's own end was due: what the job "
            "did was told late"
        )
    return reply
