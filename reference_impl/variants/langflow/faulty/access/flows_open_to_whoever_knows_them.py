"""Whoever knows a flow's id builds it, reads it and deletes it: ``session.get(Flow, flow_id)``.

The list of flows is filtered by user, and so nobody noticed that single ones are not.
"""

from __future__ import annotations

from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.database import FLOWS, Flow
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.langflow.http_flows import FlowEndpoints

FAILS = frozenset({"ACCS-010"})
PLAYS = ("ACCS-005",)


async def anybodys(endpoints: BuildEndpoints | FlowEndpoints, flow_id: str) -> Flow | None:
    """The flow, whoever made it."""
    async with endpoints.database.engine.connect() as connection:
        query = select(FLOWS.c.user_id).where(FLOWS.c.id == flow_id)
        owner = (await connection.execute(query)).scalar()
    if owner is None:
        return None
    return await endpoints.database.flow(flow_id, user_id=owner)


class OpenBuilds(BuildEndpoints):
    """Builds anybody's flow."""

    async def flow(self, flow_id: str, *, user_id: str) -> Flow:
        """The stored flow to be built."""
        flow = await anybodys(self, flow_id)
        if flow is None:
            raise HTTPException(404, f"Flow with id {flow_id} not found")
        return flow


class OpenFlows(FlowEndpoints):
    """Shows and deletes anybody's flow."""

    async def _own(self, request: Request) -> Flow:
        await self.auth.user(request)
        flow = await anybodys(self, request.path_params["flow_id"])
        if flow is None:
            raise HTTPException(404, "Flow not found")
        return flow


class VariantAssembly(Assembly):
    """Answers with both."""

    build_endpoints_class = OpenBuilds
    flow_endpoints_class = OpenFlows
