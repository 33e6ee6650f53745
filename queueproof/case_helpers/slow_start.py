"""A slow start: a job that begins so late that a reader can come before its first write.

A target may load a component on the very loop that serves its requests. A slow start then keeps
the whole worker from answering, often enough the submit itself, so that its job is known too late
for anybody to come early. That is a race, so another job is made, on another worker.
"""

from __future__ import annotations

from itertools import cycle, islice

from queueproof.errors import Inconclusive
from queueproof.probe import Probe
from queueproof.targets.job import Job
from queueproof.targets.system import System

_KNOWN_WITHIN_S = 0.4
_TRIES = 6


async def slow_job(target: System, slow_start_s: float, *, ticks: int = 4) -> Job:
    """A witnessed job whose id is known well before its first write, some `slow_start_s` later.

    Raises Inconclusive when every submit was refused or answered too late.
    """
    probe = Probe(ticks=ticks, interval_s=0.1, slow_start_s=slow_start_s, witnessed=True)
    within_s = 2 * slow_start_s + target.patience_s
    for owner in islice(cycle(target.workers), _TRIES):
        job, reply = await target.try_submit(probe, via=owner, within_s=within_s)
        if job is None:
            raise Inconclusive(f"the target did not accept the probe job: {reply.words}")
        if target.history.now_s() - job.submitted_s < _KNOWN_WITHIN_S:
            return job
        await target.cancel(job)
    raise Inconclusive(f"{_TRIES} submits were answered only after their jobs' slow starts")
