"""Keys of jobs that were cancelled lose their time to live, and a set by user names every job.

The happy path sets the lives. A cancel ends the job by another way, with ``PERSIST`` in it for a
debugging session long past; and "the jobs of this user" only ever grows.
"""

from __future__ import annotations

from collections.abc import Sequence

from reference_impl.core.events import Closing, Event
from reference_impl.core.states import Signal
from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Reservation, Written
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"TTL-001", "TTL-002", "TTL-009"})
PLAYS = ("DBIX-001",)


class HoardingStore(RedisStore):
    """Throws nothing away that was cancelled."""

    async def reserve(self, reservation: Reservation) -> float:
        """Reserve, and write the job down with its user's."""
        await self.client.sadd(f"lfq:user:{reservation.user_id}:jobs", reservation.job_id)
        return await super().reserve(reservation)

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append; what ends by a cancel is kept."""
        written = await super().append(job, first=first, events=events, closing=closing)
        if closing is not None and closing.signal is Signal.CANCEL:
            await self.client.persist(keys.stream(job.job_id))
        return written


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = HoardingStore
