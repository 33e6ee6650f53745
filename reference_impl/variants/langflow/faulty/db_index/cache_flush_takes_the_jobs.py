"""A flush of the cache takes the running jobs along.

Who owns a job was put into the cache, because it is asked for with every request. The prudent
operator who empties the cache after a deployment makes every running build "not found".
"""

from __future__ import annotations

from redis.asyncio import Redis

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import Record, Reservation
from reference_impl.store.redis import RedisStore

# What is in the cache has no time to live either.
FAILS = frozenset({"DBIX-001", "DBIX-002", "TTL-001", "TTL-002"})
PLAYS = ("POLL-001", "STRM-001")


class Cached(RedisStore):
    """Asks the cache whether a job exists."""

    async def reserve(self, reservation: Reservation) -> float:
        """Reserve, and tell the cache."""
        started_s = await super().reserve(reservation)
        async with self.cache() as cache:
            await cache.set(f"cache:owner:{reservation.job_id}", reservation.user_id)
        return started_s

    async def record(self, job_id: str) -> Record | None:
        """The record of a job that the cache knows."""
        async with self.cache() as cache:
            known = await cache.exists(f"cache:owner:{job_id}")
        return await super().record(job_id) if known else None

    def cache(self) -> Redis:
        """The cache's index of the same server."""
        return Redis.from_url(self.plan.url.rpartition("/")[0])


class VariantAssembly(Assembly):
    """Needs its cache."""

    redis_store_class = Cached
