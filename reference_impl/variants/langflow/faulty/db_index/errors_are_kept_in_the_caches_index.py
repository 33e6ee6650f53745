"""What a failed build died of is kept in the cache's database index, for the error page.

Completed and cancelled builds are where they should be. A flush of the cache takes the errors.
"""

from __future__ import annotations

from collections.abc import Sequence

from reference_impl.core.events import Closing, Event
from reference_impl.core.states import Signal
from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import Reservation, Written
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"DBIX-001"})
PLAYS = ("TTL-001",)
CACHE_INDEX = 0


class TwoPlaces(RedisStore):
    """Keeps errors elsewhere."""

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append events; of a failure a copy goes to the cache."""
        written = await super().append(job, first=first, events=events, closing=closing)
        if closing is not None and closing.signal is Signal.FAIL:
            async with self.client.pipeline(transaction=False) as pipe:
                pipe.execute_command("SELECT", CACHE_INDEX)
                pipe.set(f"error:{job.job_id}", closing.reason, ex=self.plan.ttl_s)
                pipe.execute_command("SELECT", self.plan.db)
                await pipe.execute()
        return written


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = TwoPlaces
