"""The key that says whose job it is is set once and not renewed: its user is locked out.

The job runs on and is delivered to those who were let in before.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.langflow.poller import JobNotFound
from reference_impl.store.base import Record, Reservation
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"TTL-004", "TTL-005", "TTL-008"})
PLAYS = (
    "TTL-001..008",
    "STRM-001",
    "STRM-009",
    "POLL-001",
    "POLL-005",
)


def owner_key(job_id: str) -> str:
    """Whose job it is."""
    return f"lfq:owner:{job_id}"


class OwningStore(RedisStore):
    """Notes owners in keys of their own."""

    async def reserve(self, reservation: Reservation) -> float:
        """Reserve, and note the owner."""
        name = owner_key(reservation.job_id)
        await self.client.set(name, reservation.user_id, ex=self.plan.ttl_s)
        return await super().reserve(reservation)


class OwningEndpoints(BuildEndpoints):
    """Let in whom the key names."""

    async def readable(self, request: Request, user_id: str) -> Record:
        record = await super().readable(request, user_id)
        assert isinstance(self.store, RedisStore)
        running = not record.state.is_over
        if running and not await self.store.client.exists(owner_key(record.job_id)):
            raise JobNotFound(record.job_id)
        return record


class VariantAssembly(Assembly):
    """With both."""

    redis_store_class = OwningStore
    build_endpoints_class = OwningEndpoints
