"""Client heartbeats: a poll or an open stream says that somebody still cares for a job."""

from __future__ import annotations

import time

from reference_impl.langflow.counters import CancelStats
from reference_impl.store.base import Store, StoreUnavailable

RAREST_S, SOONEST_S = 5.0, 0.25


class Attention:
    """Writes heartbeats; one that cannot be written is counted and spoils nothing else."""

    def __init__(self, *, store: Store, stats: CancelStats, threshold_s: float) -> None:
        self.store = store
        self.stats = stats
        self.period_s = RAREST_S
        if threshold_s > 0:
            self.period_s = min(RAREST_S, max(SOONEST_S, threshold_s / 4))

    async def touch(self, job_id: str) -> None:
        """Write the heartbeat now."""
        try:
            await self.store.touch(job_id)
        except StoreUnavailable:
            self.stats.activity_touch_errors += 1

    def watch(self, job_id: str) -> Watcher:
        """Somebody begins to read this job."""
        return Watcher(self, job_id)


class Watcher:
    """One reader's attention: ``touch`` as often as you like, written once a period."""

    def __init__(self, attention: Attention, job_id: str) -> None:
        self._attention = attention
        self._job_id = job_id
        self._due = 0.0

    async def touch(self) -> None:
        """Write the heartbeat if it is due."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + self._attention.period_s
            await self._attention.touch(self._job_id)
