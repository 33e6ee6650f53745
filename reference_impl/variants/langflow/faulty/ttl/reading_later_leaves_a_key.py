"""Whoever reads a finished job leaves a heartbeat of it in Redis for ever.

The heartbeat gets its time to live from the write that ends the job, and here that has been.
"""

from __future__ import annotations

import time

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"TTL-001", "TTL-009"})
PLAYS = ("TTL-001..002", "TTL-006", "TTL-009")


class LitteringStore(RedisStore):
    """Writes heartbeats of whatever is read."""

    async def touch(self, job_id: str) -> None:
        """Write the heartbeat, of a job that is over too."""
        await super().touch(job_id)
        record = await self.record(job_id)
        if record is not None and record.state.is_over:
            await self.client.set(keys.activity(job_id), _now())


def _now() -> str:
    """Now, as a heartbeat."""
    return f"{time.time():.3f}"


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = LitteringStore
