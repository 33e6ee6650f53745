"""A worker builds a stored flow once: the next time its vertices count as built already.

Flows are kept in memory, and a build marks in the graph what it has done. The second build ends
at once, and well.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bodies import json_body
from reference_impl.langflow.database import Flow
from reference_impl.langflow.http_builds import BuildEndpoints

FAILS = frozenset({"SUBM-006"})
PLAYS = ("SUBM-003", "SUBM-006")


class MarkingEndpoints(BuildEndpoints):
    """Builds what is not built yet."""

    async def submit(self, request: Request) -> Response:
        """Start a build; remember whether it is one of the stored graph."""
        request.state.stored = (await json_body(request)).get("data") is None
        self.__dict__["stored"] = request.state.stored
        return await super().submit(request)

    async def flow(self, flow_id: str, *, user_id: str) -> Flow:
        """The stored flow; one that was built here has nothing left to build."""
        flow = await super().flow(flow_id, user_id=user_id)
        built: set[str] = self.__dict__.setdefault("built", set())
        if self.__dict__.pop("stored", False):
            if flow_id in built:
                return Flow(
                    flow.id,
                    flow.user_id,
                    flow.name,
                    flow.description,
                    {"nodes": [], "edges": []},
                    flow.updated_s,
                )
            built.add(flow_id)
        return flow


class VariantAssembly(Assembly):
    """Builds by it."""

    build_endpoints_class = MarkingEndpoints
