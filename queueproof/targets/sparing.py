"""Cancels that spare a target which others use, too.

A cancel that meets the write of a job's status can leave a system's database locked, and stop
every job of everybody (`Contract.cancel_settles_s` says where that is known). Such a write is made
as a job begins, and as it ends by a cancel: a target that is not disposable is asked to cancel what
is at work, and not again until the last cancel has settled.
"""

from __future__ import annotations

import asyncio

from queueproof.own_waits import tell_of_wait
from queueproof.targets.job import Job

#: A job that was accepted and is not seen at work by then begins late, or tells nobody. One that is
#: slow to start is to be met in its start by whoever cancels it: in the middle of that.
_BEGINS_WITHIN_S = 2.0
_PAUSE_S = 0.05


class SparedStarts:
    """Keeps cancels `settle_s` seconds away from the start of their job and from one another."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._answered_s: dict[str, float] = {}

    async def settled(self, job: Job) -> None:
        """Wait until a cancel of the job may be sent: no part of any answer's time."""
        now_s, slow_s = job.system.history.now_s, job.probe.slow_start_s
        unseen_s = job.submitted_s + (slow_s / 2 if slow_s else _BEGINS_WITHIN_S)
        while not job.sightings and now_s() < unseen_s:
            await _pause(_PAUSE_S)
        if job.sightings:
            await _pause(job.sightings[0].at_s + self._settle_s - now_s())
        await self.unhurried(job)

    async def unhurried(self, job: Job) -> None:
        """Wait until the last cancel of the job has settled: to close its stream is one, too."""
        due_s = self._answered_s.get(job.id, -self._settle_s) + self._settle_s
        await _pause(due_s - job.system.history.now_s())

    def answered(self, job: Job) -> None:
        """A cancel of the job was answered now; those that have settled are forgotten."""
        now_s = job.system.history.now_s()
        left = {id_: at for id_, at in self._answered_s.items() if now_s - at < self._settle_s}
        self._answered_s = {**left, job.id: now_s}


async def _pause(wait_s: float) -> None:
    if wait_s > 0:
        tell_of_wait(wait_s)
        await asyncio.sleep(wait_s)
