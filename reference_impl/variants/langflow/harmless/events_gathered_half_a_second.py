"""Events are read from Redis twice a second, so that each read brings several."""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import Entry
from reference_impl.store.redis import RedisStore

PLAYS = ("POLL-001..006", "STRM-001..005", "STRM-011", "CANC-005", "GRACE-001")
GATHERED_S = 0.4


class GatheringStore(RedisStore):
    """Waits a moment for more."""

    async def follow(
        self, job_id: str, *, after: int, within_s: float, limit: int
    ) -> tuple[Entry, ...]:
        """Wait for events."""
        found = await super().follow(job_id, after=after, within_s=within_s, limit=limit)
        if found and not found[-1].event.is_terminal:
            await asyncio.sleep(GATHERED_S)
            return await super().follow(job_id, after=after, within_s=0.001, limit=limit) or found
        return found


class VariantAssembly(Assembly):
    """Reads so."""

    redis_store_class = GatheringStore
