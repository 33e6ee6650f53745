"""Looks for cancel markers of owned jobs: the net under the cancel channel.

Langflow 1.10 "Deploy Langflow with multiple workers", Configuration reference
(``LANGFLOW_REDIS_QUEUE_CANCEL_MARKER_TTL``): the marker closes the race of a signal that is sent
while its receiver is not subscribed. So it is read as a job starts, after every subscription, and
once a second, so that no deaf spell outlasts the outage it came from.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from reference_impl.langflow.background import Background
from reference_impl.langflow.counters import CancelStats
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Store, StoreUnavailable

PERIOD_S = 1.0
# Jobs that start within this time are looked for together: one question a moment, not one a job.
# Short, so that a look at the start sees what was sent before it, and not what comes later.
GATHERED_S = 0.005
# A marker seen while its signal is still under way is not a catch.
CHANNEL_FIRST_S = 0.2


class MarkerPatrol:
    """Cancels owned jobs that have a marker nobody told this worker of."""

    def __init__(
        self, *, store: Store, desk: BuildDesk, stats: CancelStats, background: Background
    ) -> None:
        self.store = store
        self.desk = desk
        self.stats = stats
        self.background = background
        self._started: list[Job] = []

    def check_soon(self, job: Job) -> None:
        """Look at a job that has just started, together with those that start meanwhile."""
        self._started.append(job)
        if len(self._started) == 1:
            self.background.spawn(self._check_started())

    async def check_all(self) -> None:
        """Look at every job this worker owns; leave the channel time to be first."""
        await self.check(list(self.desk.jobs.values()), channel_first_s=CHANNEL_FIRST_S)

    async def check_missed(self) -> None:
        """The same after a deaf spell: what was missed is not going to come."""
        await self.check(list(self.desk.jobs.values()), channel_first_s=0)

    async def check(self, jobs: Sequence[Job], *, channel_first_s: float) -> None:
        """Look at these jobs; those being stopped already are nobody's news."""
        asked = [job for job in jobs if not job.stopping]
        try:
            reasons = await self.store.markers([job.id for job in asked]) if asked else {}
        except StoreUnavailable:
            return
        for job in asked:
            if job.id in reasons:
                reason = reasons[job.id]
                self.background.spawn(self.found(job, reason, channel_first_s=channel_first_s))

    async def _check_started(self) -> None:
        await asyncio.sleep(GATHERED_S)
        jobs, self._started = self._started, []
        # Of a job that is over already there is nothing left to cancel.
        still = [job for job in jobs if self.desk.owned(job.id) is job]
        await self.check(still, channel_first_s=CHANNEL_FIRST_S)

    async def found(self, job: Job, reason: str, *, channel_first_s: float) -> None:
        """Cancel by marker what the channel has not cancelled by then."""
        await asyncio.sleep(channel_first_s)
        if not job.stopping and self.desk.owned(job.id) is job:
            self.stats.marker_hit += 1
            await self.desk.cancel(job, reason=reason)
