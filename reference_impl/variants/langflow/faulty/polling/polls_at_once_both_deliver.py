"""Two polls of one job that come in the same moment are both given the same events.

Where the client stands is read, the events are fetched, and only then it is written down where
that leaves it: between the two another poll has read the old position.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import View
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"POLL-003"})
PLAYS = ("POLL-001..006",)
BETWEEN_S = 0.03


class RacingStore(RedisStore):
    """Reads, thinks, and writes."""

    async def take(self, job_id: str, *, token: str) -> View | None:
        """What is behind the position, which is moved afterwards."""
        at = await self.client.hget(keys.cursor(job_id), "at")
        view = await self.read(job_id, after=int(at or 0))
        if view is None or not view.entries:
            return await super().take(job_id, token=token)
        await asyncio.sleep(BETWEEN_S)
        position = view.entries[-1].position
        await self.client.hset(keys.cursor(job_id), "at", str(position))
        await self.client.expire(keys.cursor(job_id), self.plan.ttl_s)
        return view


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = RacingStore
