"""What a poll delivered is removed from the stream, as if there were one consumer (`XDEL`, `LPOP`).

A job's stream used as a work queue: whoever else reads it finds gaps.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import View
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"POLL-012"})


class ConsumingStore(RedisStore):
    """Deletes what it hands out, save the end."""

    async def take(self, job_id: str, *, token: str) -> View | None:
        """Take and delete."""
        view = await super().take(job_id, token=token)
        if view is not None and view.entries:
            names = [f"{e.position}-0" for e in view.entries if not e.event.is_terminal]
            if names:
                await self.client.xdel(keys.stream(job_id), *names)
        return view


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = ConsumingStore
