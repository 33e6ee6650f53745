"""Client heartbeats: a poll or an open stream says that somebody still cares for a job."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from reference_impl.langflow.counters import CancelStats
from reference_impl.store.base import Store, StoreUnavailable

RAREST_S, SOONEST_S = 5.0, 0.25


class Attention:
    """Writes heartbeats; one that cannot be written is counted and spoils nothing else."""

    def __init__(self, *, store: Store, stats: CancelStats, threshold_s: float) -> None:
        self.store = store
        self.stats = stats
        self.period_s = RAREST_S
        self._tasks: set[asyncio.Task[None]] = set()
        if threshold_s > 0:
            self.period_s = min(RAREST_S, max(SOONEST_S, threshold_s / 4))

    async def touch(self, job_id: str) -> None:
        """Write the heartbeat now."""
        try:
            await self.store.touch(job_id)
        except StoreUnavailable:
            self.stats.activity_touch_errors += 1

    @contextmanager
    def watch(self, job_id: str) -> Iterator[None]:
        """Somebody reads this job: the heartbeat is written now and again every period.

        It runs beside the reading, so that neither a slow client nor a silent store holds the
        other up. A write under way is finished, not broken off.
        """
        left = asyncio.Event()
        task = asyncio.create_task(self._keep_touching(job_id, left))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            yield
        finally:
            left.set()

    async def _keep_touching(self, job_id: str, left: asyncio.Event) -> None:
        """A reader that was kept waiting has been there until it left, not until it came."""
        while True:
            touched_s = time.monotonic()
            await self.touch(job_id)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.period_s):
                    await left.wait()
            if left.is_set():
                break
        if time.monotonic() - touched_s > self.period_s / 4:
            await self.touch(job_id)
