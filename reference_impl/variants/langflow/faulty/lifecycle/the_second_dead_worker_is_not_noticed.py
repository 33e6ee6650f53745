"""The jobs of the first worker that dies are declared lost; a second death is nobody's business.

Whoever clears up after the dead leaves a note that it is done, and the note is never taken down.
"""

from __future__ import annotations

from reference_impl.core.events import Closing
from reference_impl.langflow.assembly import Assembly
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"LIFE-001"})
PLAYS = ("LIFE-002", "POLL-001")
NOTE, KEPT_S = "lfq:leases:cleared", 3600


class OnceStore(RedisStore):
    """Clears up after one worker."""

    async def lose(self, job_id: str, closing: Closing) -> bool:
        """End a job of the first that died."""
        record = await self.record(job_id)
        if record is None:
            return False
        await self.client.set(NOTE, record.worker_id, nx=True, ex=KEPT_S)
        if await self.client.get(NOTE) != record.worker_id:
            return False
        return await super().lose(job_id, closing)


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = OnceStore
