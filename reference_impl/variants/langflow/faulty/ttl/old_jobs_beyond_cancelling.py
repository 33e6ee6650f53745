"""Who may cancel a job is kept for the time to live from its start, and not renewed.

A job that runs for longer is delivered, and can no longer be stopped by anybody.
"""

from __future__ import annotations

import time

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.langflow.poller import JobNotFound
from reference_impl.store.base import Record, Reservation
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"TTL-008"})
PLAYS = ("CANC-001",)


class DatedStore(RedisStore):
    """Notes until when a job can be cancelled."""

    async def reserve(self, reservation: Reservation) -> float:
        """Reserve, and date it."""
        until = f"{time.time() + self.plan.ttl_s:.3f}"
        name = f"lfq:cancellable:{reservation.job_id}"
        await self.client.set(name, until, ex=self.plan.ttl_s)
        return await super().reserve(reservation)


class DatedEndpoints(BuildEndpoints):
    """Lets cancel what is young."""

    async def cancellable(self, request: Request, user_id: str) -> Record:
        """The job asked for, if it can still be cancelled."""
        record = await super().cancellable(request, user_id)
        assert isinstance(self.store, RedisStore)
        running = not record.state.is_over
        if running and not await self.store.client.exists(f"lfq:cancellable:{record.job_id}"):
            raise JobNotFound(record.job_id)
        return record


class VariantAssembly(Assembly):
    """With both."""

    redis_store_class = DatedStore
    build_endpoints_class = DatedEndpoints
