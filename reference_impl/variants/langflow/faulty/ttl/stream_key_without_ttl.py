"""The stream key of a finished job has no time to live: `XADD` after the last `EXPIRE`.

Redis fills up over weeks, and nothing in the logs says why.
"""

from __future__ import annotations

from collections.abc import Sequence

from reference_impl.core.events import Closing, Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Reservation, Written
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"TTL-001", "TTL-002", "TTL-003"})
PLAYS = (
    "TTL-001..008",
    "STRM-001",
    "POLL-001",
)


class LeakingStore(RedisStore):
    """Writes the end into a stream that lives for ever."""

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append; the last write takes the time to live away."""
        written = await super().append(job, first=first, events=events, closing=closing)
        if closing is not None:
            await self.client.persist(keys.stream(job.job_id))
        return written


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = LeakingStore
