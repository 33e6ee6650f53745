"""The cancel marker is written to the cache's database index.

A second client, made from host and port alone, for what is "only a flag": it is at index 0, among
the cache's keys. Here the queue has a marker of its own as well, so that cancels work and nobody
wonders, until the cache evicts or is flushed.
"""

from __future__ import annotations

from redis.asyncio import Redis

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Record, Sent
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"DBIX-001"})
PLAYS = ("DBIX-002", "CANC-003", "CANC-012")


class TwoClients(RedisStore):
    """Keeps flags with the cache."""

    async def signal_cancel(self, record: Record, *, reason: str) -> Sent:
        """Leave a marker here and there."""
        sent = await super().signal_cancel(record, reason=reason)
        flags = Redis.from_url(self.plan.url.rpartition("/")[0])
        async with flags:
            await flags.set(keys.marker(record.job_id), reason, ex=self.plan.marker_ttl_s)
        return sent


class VariantAssembly(Assembly):
    """Job keys among the cache's."""

    redis_store_class = TwoClients
