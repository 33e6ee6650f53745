"""Keeping a job attended, so that the watchdog is no party to a case about something else.

A job that is quiet for long, or that nobody reads, is reclaimed after the declared threshold;
and a stream proves its client's presence only now and then. A case that needs such a job lets a
second client poll it on another worker: each poll is a sign of life, and is given up at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from queueproof.targets.fleet import Worker
from queueproof.targets.job import Job

_LOOKS = 4
_LONGEST_PAUSE_S = 5.0


@asynccontextmanager
async def attended(job: Job, *, via: Worker) -> AsyncIterator[None]:
    """Poll `job` on `via` all the while, where its quiet could last up to the threshold.

    The polls take events, which is nobody's loss if only streams on other workers are judged.
    """
    threshold_s = job.system.timings.stale_threshold_s
    if not 0 < threshold_s < 2 * (job.probe.duration_s + job.system.timings.answer_s):
        yield
        return
    client = asyncio.create_task(_poll_and_give_up(job, via, threshold_s / _LOOKS))
    try:
        yield
    finally:
        client.cancel()
        await asyncio.gather(client, return_exceptions=True)


async def _poll_and_give_up(job: Job, via: Worker, every_s: float) -> None:
    pause_s = min(every_s, _LONGEST_PAUSE_S)
    while True:
        await job.system.poll(job, via=via, within_s=pause_s)
        await asyncio.sleep(pause_s / 2)


def bystander(job: Job, reader: Worker) -> Worker:
    """A worker that neither runs `job` nor serves `reader`, if there is one; else the owner."""
    spare = [worker for worker in job.system.workers if worker not in (job.owner, reader)]
    return spare[0] if spare else job.owner
