"""While Redis is away the monitor is an error, which is when it is looked at.

It asks whether the store can serve before it tells what it knows without it, such as that its
dispatcher has lost its connection.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_system import SystemEndpoints

FAILS = frozenset({"MONI-025"})
PLAYS = ("MONI-009", "MONI-020")


class CarefulEndpoints(SystemEndpoints):
    """Tell nothing without Redis."""

    async def job_queue(self, request: Request) -> Response:
        """The metrics of this worker, where Redis can be asked."""
        await self.store.ping()
        return await super().job_queue(request)


class VariantAssembly(Assembly):
    """Tells so."""

    system_endpoints_class = CarefulEndpoints
