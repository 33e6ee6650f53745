"""Who is not logged in can neither read nor list flows, and can change and delete them.

The check stands in front of the routes that were there when it was written.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from reference_impl.flowise.http_flows import FlowEndpoints
from reference_impl.flowise.tables import Flow

FAILS = frozenset({"CONF-011"})
PLAYS = ("CONF-011",)

_asked_for = FlowEndpoints._asked_for


async def _unguarded(self: FlowEndpoints, request: Request) -> Flow:
    if request.method == "GET":
        return await _asked_for(self, request)
    flow = await self.database.flow(request.path_params["flow_id"])
    if flow is None:
        raise HTTPException(404, "Chatflow not found in the database!")
    return flow


def install() -> None:
    """Guard reading alone."""
    FlowEndpoints._asked_for = _unguarded  # type: ignore[method-assign]
