"""Where a client stands is kept for a moment after its last poll; then it is told all again.

A time to live that was chosen for clients who poll without a pause.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import View
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"POLL-017"})
PLAYS = ("POLL-001..017", "STRM-020")
KEPT_MS = 2_200


class BriefStore(RedisStore):
    """Keeps cursors briefly."""

    async def take(self, job_id: str, *, token: str) -> View | None:
        """Move the cursor, from the beginning where the last poll is long ago."""
        mark = f"{keys.cursor(job_id)}:polled"
        if not await self._ask(lambda: self.client.exists(mark)):
            await self._ask(lambda: self.client.delete(keys.cursor(job_id)))
        view = await super().take(job_id, token=token)
        await self._ask(lambda: self.client.set(mark, token, px=KEPT_MS))
        return view


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = BriefStore
