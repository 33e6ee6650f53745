"""A finished job's keys are cut down to a fraction of their time to live, to save memory.

Whoever reconnects after a coffee finds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from reference_impl.core.events import Closing, Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Reservation, Written
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"TTL-003", "TTL-007"})
PLAYS = (
    "TTL-001..008",
    "STRM-001",
    "STRM-009",
    "POLL-001",
    "POLL-005",
)
FRACTION = 0.4


class ThriftyStore(RedisStore):
    """Shortens lives at the end."""

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append; what is over shall go soon."""
        written = await super().append(job, first=first, events=events, closing=closing)
        if closing is not None:
            for name in (keys.record(job.job_id), keys.stream(job.job_id)):
                await self.client.pexpire(name, int(self.plan.ttl_s * FRACTION * 1000))
        return written


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = ThriftyStore
