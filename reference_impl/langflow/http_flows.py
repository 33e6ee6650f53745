"""Flows, and the templates their nodes are made of."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.bodies import json_body, required_text
from reference_impl.langflow.component_runtime import ComponentError, in_thread, load_class
from reference_impl.langflow.database import Database, Flow
from reference_impl.langflow.graphs import node_template


class FlowEndpoints:
    """``/flows`` and ``/custom_component``."""

    def __init__(self, *, auth: Authenticator, database: Database) -> None:
        self.auth = auth
        self.database = database

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/api/v1/custom_component", self.custom_component, methods=["POST"]),
            Route("/api/v1/flows/", self.create, methods=["POST"]),
            Route("/api/v1/flows/", self.every, methods=["GET"]),
            Route("/api/v1/flows/{flow_id}", self.get, methods=["GET"]),
            Route("/api/v1/flows/{flow_id}", self.delete, methods=["DELETE"]),
        ]

    async def custom_component(self, request: Request) -> Response:
        """Run component source once and answer the node template it makes."""
        await self.auth.user(request)
        code = required_text(await json_body(request), "code")
        try:
            component = await in_thread(lambda: load_class(code))
        except ComponentError as error:
            raise HTTPException(400, str(error)) from None
        return JSONResponse({"data": node_template(code, component), "type": component.__name__})

    async def create(self, request: Request) -> Response:
        """Store a flow."""
        user = await self.auth.user(request)
        body = await json_body(request)
        name, data = required_text(body, "name"), body.get("data")
        if not (data is None or isinstance(data, dict)):
            raise HTTPException(422, "data must be an object")
        flow = Flow(str(uuid.uuid4()), user.id, name, body.get("description"), data, time.time())
        await self.database.add_flow(flow)
        return JSONResponse(shown(flow), 201)

    async def every(self, request: Request) -> Response:
        """The user's own flows."""
        user = await self.auth.user(request)
        return JSONResponse([shown(flow) for flow in await self.database.flows(user_id=user.id)])

    async def get(self, request: Request) -> Response:
        """One of them."""
        return JSONResponse(shown(await self._own(request)))

    async def delete(self, request: Request) -> Response:
        """Delete one of them."""
        await self.database.delete_flow((await self._own(request)).id)
        return JSONResponse({"message": "Flow deleted successfully"})

    async def _own(self, request: Request) -> Flow:
        user = await self.auth.user(request)
        flow = await self.database.flow(request.path_params["flow_id"], user_id=user.id)
        if flow is None:
            raise HTTPException(404, "Flow not found")
        return flow


def shown(flow: Flow) -> dict[str, Any]:
    """A flow as clients see it."""
    return {
        "name": flow.name,
        "description": flow.description,
        "data": flow.data,
        "is_component": False,
        "updated_at": datetime.fromtimestamp(flow.updated_s, UTC).isoformat(),
        "id": flow.id,
        "user_id": flow.user_id,
        "folder_id": None,
    }
