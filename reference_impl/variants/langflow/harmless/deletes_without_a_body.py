"""What was deleted is answered with 204 and no body, and what was made with a Location."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_flows import FlowEndpoints
from reference_impl.langflow.http_users import UserEndpoints

PLAYS = ("access", "SUBM-003")


class TerseFlows(FlowEndpoints):
    """Says no more than needed."""

    async def delete(self, request: Request) -> Response:
        """Delete a flow."""
        await super().delete(request)
        return Response(status_code=204)


class TerseUsers(UserEndpoints):
    """Says no more than needed."""

    async def delete(self, request: Request) -> Response:
        """Remove a user."""
        await super().delete(request)
        return Response(status_code=204)


class VariantAssembly(Assembly):
    """With both."""

    flow_endpoints_class = TerseFlows
    user_endpoints_class = TerseUsers
