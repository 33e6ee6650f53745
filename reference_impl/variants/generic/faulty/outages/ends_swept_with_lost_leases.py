"""When a worker is lost, what had finished before is told to have failed.

Seen where a clean-up after a lost worker takes every job of its for unfinished.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore, now_ms

SCENARIOS = {"CHAOS-201": frozenset({"OUTG-007"})}


def install() -> None:
    """Sweep too much."""
    promote = JobStore.promote

    async def sweep(self: JobStore) -> None:
        lost = await self.redis.zcount("leases", "-inf", now_ms())
        await promote(self)
        if not lost:
            return
        async for key in self.redis.scan_iter(match="job:*"):
            if await self.redis.hget(key, "state") == "finished":
                await self.redis.hset(key, "state", "failed")

    JobStore.promote = sweep  # type: ignore[method-assign]
