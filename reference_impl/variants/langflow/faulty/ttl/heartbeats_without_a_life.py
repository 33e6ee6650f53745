"""Heartbeats are written without a time to live: ``SET`` takes away what the key had.

The write that ends a job gives it one. Where no such write comes, as when everything is killed at
once, the key stays for ever.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"TTL-001"})
PLAYS = ("TTL-002",)


class ImmortalHeartbeats(RedisStore):
    """Forgets to say for how long."""

    async def touch(self, job_id: str) -> None:
        """Write the heartbeat."""
        await super().touch(job_id)
        record = await self.record(job_id)
        if record is not None and not record.state.is_over:
            await self._ask(lambda: self.client.persist(keys.activity(job_id)))


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = ImmortalHeartbeats
