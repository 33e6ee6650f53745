"""What a failed or cancelled build said is kept for a fifth of its time to live: nobody needs it.

Whoever comes back after lunch to see why his build failed is told that there was none.
"""

from __future__ import annotations

from collections.abc import Sequence

from reference_impl.core.events import Closing, Event
from reference_impl.core.states import Signal
from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Reservation, Written
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"TTL-007"})
PLAYS = ("TTL-001..002", "STRM-006")
SHARE = 0.2


class Tidying(RedisStore):
    """Keeps what went well."""

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append events; what did not go well goes soon."""
        written = await super().append(job, first=first, events=events, closing=closing)
        if closing is not None and closing.signal is not Signal.FINISH:
            life_ms = max(1, round(self.plan.ttl_s * 1000 * SHARE))
            for key in (keys.record(job.job_id), keys.stream(job.job_id)):
                await self.client.pexpire(key, life_ms)
        return written


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = Tidying
