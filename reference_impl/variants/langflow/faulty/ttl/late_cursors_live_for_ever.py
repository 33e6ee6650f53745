"""A job that is polled for the first time when it is over leaves its cursor in Redis for ever.

Positions get their time to live with the job's last write, and here that has been.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import View
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"TTL-001", "TTL-002", "TTL-009"})
PLAYS = ("TTL-001..002", "TTL-006", "TTL-009")


class LitteringStore(RedisStore):
    """Keeps positions of what is over."""

    async def take(self, job_id: str, *, token: str) -> View | None:
        """Move the shared cursor."""
        view = await super().take(job_id, token=token)
        if view is not None and view.entries and view.record.state.is_over:
            await self._ask(lambda: self.client.persist(keys.cursor(job_id)))
        return view


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = LitteringStore
