"""The health check says 200 while no build can be taken: it looks at the process alone.

The load balancer goes on sending users to a worker that refuses each of them. Flowise's
``/api/v1/ping`` says pong with Redis down.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_system import SystemEndpoints

SCENARIOS = {"CHAOS-001": frozenset({"RESI-010"})}


class Alive(SystemEndpoints):
    """Well, as long as it can say so."""

    async def health_check(self, request: Request) -> Response:
        """This worker answers."""
        return JSONResponse({"status": "ok", "chat": "ok", "db": "ok"})


class VariantAssembly(Assembly):
    """Answers through it."""

    system_endpoints_class = Alive
