"""The first worker that starts clears the queue: what waited when all were lost is gone.

Seen where a worker purges what it takes for leftovers of its last run.
"""

from __future__ import annotations

from reference_impl.generic.store import PRIORITIES, JobStore
from reference_impl.generic.worker import Worker

SCENARIOS = {"CHAOS-203": frozenset({"OUTG-004"})}
_SOMEBODY = "workers:alive"
#: A worker says so several times a second.
_SAID_MS = 1500


def install() -> None:
    """Clear where no worker has said of late that it is there."""
    work, promote = Worker.work, JobStore.promote

    async def clearing(self: Worker) -> None:
        redis = self.store.redis
        if await redis.set(_SOMEBODY, "1", nx=True, px=_SAID_MS):
            await redis.delete(*(f"waiting:{priority}" for priority in PRIORITIES))
        await work(self)

    async def saying(self: JobStore) -> None:
        await self.redis.set(_SOMEBODY, "1", px=_SAID_MS)
        await promote(self)

    Worker.work = clearing  # type: ignore[method-assign]
    JobStore.promote = saying  # type: ignore[method-assign]
