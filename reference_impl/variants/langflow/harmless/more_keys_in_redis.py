"""More is kept of a job than its events: a lock, figures and a list of attempts, each with a life.

They are made at different times, the last one with the first poll, and lie in types of their own.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import Reservation, View
from reference_impl.store.redis import RedisStore

PLAYS = ("TTL-001..002", "TTL-007", "TTL-009", "DBIX-001..002", "WDOG-011")

CLOCK = "app:clock"


class BusyStore(RedisStore):
    """Keeps books."""

    async def reserve(self, reservation: Reservation) -> float:
        """Create the record, and a lock and a list beside it."""
        started_s = await super().reserve(reservation)
        name, life_s = reservation.job_id, self.plan.ttl_s
        async with self.client.pipeline(transaction=True) as pipe:
            pipe.set(f"lock:{name}", "1", px=500)
            pipe.rpush(f"attempts:{{{name}}}", f"{started_s:.3f}")
            pipe.expire(f"attempts:{{{name}}}", life_s)
            pipe.set(CLOCK, f"{started_s:.3f}", ex=life_s)
            await pipe.execute()
        return started_s

    async def take(self, job_id: str, *, token: str) -> View | None:
        """Move the shared cursor, and count."""
        view = await super().take(job_id, token=token)
        if view is not None:
            left_ms = await self.client.pttl(f"attempts:{{{job_id}}}")
            async with self.client.pipeline(transaction=True) as pipe:
                pipe.hincrby(f"figures:{job_id}", "polls", 1)
                pipe.pexpire(f"figures:{job_id}", max(1, int(left_ms)))
                await pipe.execute()
        return view


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = BusyStore
