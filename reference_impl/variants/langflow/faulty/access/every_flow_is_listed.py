"""The list of flows holds everybody's, with all that is in them.

One flow is asked for by its id and its user; the list was written for the superuser's page.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_flows import FlowEndpoints, shown

FAILS = frozenset({"ACCS-010"})
PLAYS = ("ACCS-010", "ACCS-012")


class OpenFlows(FlowEndpoints):
    """Shows all it has."""

    async def every(self, request: Request) -> Response:
        """Everybody's flows."""
        await self.auth.user(request)
        users = await self.database.users()
        flows = [flow for user in users for flow in await self.database.flows(user_id=user.id)]
        return JSONResponse([shown(flow) for flow in flows])


class VariantAssembly(Assembly):
    """Serves flows by it."""

    flow_endpoints_class = OpenFlows
