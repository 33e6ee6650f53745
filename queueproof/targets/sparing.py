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

#: A job that was accepted and is not seen at work by then begins late, or tells nobody.
_BEGINS_WITHIN_S = 2.0
_PAUSE_S = 0.05


class SparedStarts:
    """Keeps cancels `settle_s` seconds away from the start of their job and from one another."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._answered_s: dict[str, float] = {}

    async def settled(self, job: Job) -> None:
        """Wait until a cancel of the job may be sent: no part of any answer's time."""
        now_s = job.system.history.now_s
        seen_at_once = job.probe.witnessed and not job.probe.slow_start_s
        until_s = job.submitted_s + (_BEGINS_WITHIN_S if seen_at_once else 0.0)
        while not job.sightings and now_s() < until_s:
            await _pause(_PAUSE_S)
        begun_s = job.sightings[0].at_s if job.sightings else job.submitted_s
        due_s = max(begun_s, self._answered_s.get(job.id, 0.0)) + self._settle_s
        await _pause(due_s - now_s())

    def answered(self, job: Job) -> None:
        """A cancel of the job was answered now."""
        self._answered_s[job.id] = job.system.history.now_s()


async def _pause(wait_s: float) -> None:
    if wait_s > 0:
        tell_of_wait(wait_s)
        await asyncio.sleep(wait_s)
