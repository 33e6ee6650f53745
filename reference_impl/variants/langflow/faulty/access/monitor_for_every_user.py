"""The monitor's 403 is a 200: every user may see what the superuser may.

The dependency on the current user was copied from the endpoint next door. Flowise has the same
suspected of its queue dashboard: any logged-in user may open it.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_system import SystemEndpoints

FAILS = frozenset({"ACCS-003"})
PLAYS = ("ACCS-001..009",)


class OpenMonitor(SystemEndpoints):
    """Asks for a user, any user."""

    async def job_queue(self, request: Request) -> Response:
        """The metrics of this worker, for everybody who is logged in."""
        await self.auth.user(request)
        return JSONResponse(self.snapshot())


class VariantAssembly(Assembly):
    """Shows its metrics to all users."""

    system_endpoints_class = OpenMonitor
