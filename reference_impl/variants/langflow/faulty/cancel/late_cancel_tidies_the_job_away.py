"""A cancel that comes after the end deletes the job, result and all.

Cancelling shares its code with cleaning up, and nobody asks whether the job was over. The reader
who comes a second later is told that it never existed.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CancelAnswer, Canceller
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Record
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"CANC-006", "CANC-007"})
PLAYS = ("CANC-001", "CANC-002", "CANC-005", "CANC-008")


class Tidying(Canceller):
    """Cancels, and cleans up behind whatever needs no cancelling."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """A job that is over needs no keys any more."""
        if record.state.is_over and isinstance(self.store, RedisStore):
            await self.store.client.delete(keys.record(record.job_id), keys.stream(record.job_id))
        return await super().cancel(record)


class VariantAssembly(Assembly):
    """A late cancel destroys what was finished."""

    canceller_class = Tidying
