"""Every worker shows the active jobs of all workers as its own.

The number was moved to Redis so that one look shows the whole deployment. Summed over workers,
as dashboards do, one job is now three; which worker is busy can no longer be seen.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_system import SystemEndpoints
from reference_impl.store import redis_keys as keys
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"MONI-004"})
PLAYS = ("MONI-001", "MONI-002", "MONI-005", "MONI-006")


class FleetWide(SystemEndpoints):
    """Counts in Redis."""

    async def job_queue(self, request: Request) -> Response:
        """The metrics of this worker, with everybody's jobs."""
        await self.auth.superuser(request)
        return JSONResponse(self.snapshot() | {"active_jobs": await self.jobs_of_all()})

    async def jobs_of_all(self) -> int:
        """How many jobs run, wherever."""
        assert isinstance(self.store, RedisStore)
        client = self.store.client
        names = [name async for name in client.scan_iter(keys.jobs_of("*"))]
        return sum([int(await client.scard(name)) for name in names])


class VariantAssembly(Assembly):
    """One number for all."""

    system_endpoints_class = FleetWide
