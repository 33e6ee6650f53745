"""Looks for cancel markers of owned jobs: the net under the cancel channel.

Langflow 1.10 "Deploy Langflow with multiple workers", Configuration reference
(``LANGFLOW_REDIS_QUEUE_CANCEL_MARKER_TTL``): the marker closes the race of a signal that is sent
while its receiver is not subscribed. So it is read as a job starts, after every subscription, and
once a second, so that no deaf spell outlasts the outage it came from.
"""

from __future__ import annotations

from collections.abc import Sequence

from reference_impl.langflow.background import Background
from reference_impl.langflow.counters import CancelStats
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Store, StoreUnavailable

PERIOD_S = 1.0


class MarkerPatrol:
    """Cancels owned jobs that have a marker nobody told this worker of."""

    def __init__(
        self, *, store: Store, desk: BuildDesk, stats: CancelStats, background: Background
    ) -> None:
        self.store = store
        self.desk = desk
        self.stats = stats
        self.background = background

    async def check_all(self) -> None:
        """Look at every job this worker owns."""
        await self.check(list(self.desk.jobs.values()))

    async def check(self, jobs: Sequence[Job]) -> None:
        """Look at these jobs; those being stopped already are nobody's news."""
        asked = [job for job in jobs if not job.stopping]
        try:
            reasons = await self.store.markers([job.id for job in asked]) if asked else {}
        except StoreUnavailable:
            return
        for job in asked:
            if job.id in reasons and not job.stopping:
                self.stats.marker_hit += 1
                self.background.spawn(self._cancel(job, reasons[job.id]))

    async def _cancel(self, job: Job, reason: str) -> None:
        await self.desk.cancel(job, reason=reason)
