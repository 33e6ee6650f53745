"""Flows, the templates their nodes are made from, and what was said in a chat."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reference_impl.core.probe_flow import FUNCTION, SOURCE_FIELD, START
from reference_impl.flowise.auth import Authenticator
from reference_impl.flowise.bodies import json_body, optional_text, required_text
from reference_impl.flowise.database import Database
from reference_impl.flowise.execution import message_id
from reference_impl.flowise.tables import Flow, Prediction

CATEGORY = "Agent Flows"


class FlowEndpoints:
    """``/chatflows``, ``/nodes`` and ``/chatmessage``."""

    def __init__(self, *, auth: Authenticator, database: Database) -> None:
        self.auth = auth
        self.database = database

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/api/v1/chatflows", self.create, methods=["POST"]),
            Route("/api/v1/chatflows", self.list_all),
            Route("/api/v1/chatflows/{flow_id}", self.show),
            Route("/api/v1/chatflows/{flow_id}", self.change, methods=["PUT"]),
            Route("/api/v1/chatflows/{flow_id}", self.delete, methods=["DELETE"]),
            Route("/api/v1/nodes", self.nodes),
            Route("/api/v1/nodes/{name}", self.node),
            Route("/api/v1/chatmessage/{flow_id}", self.messages),
        ]

    async def create(self, request: Request) -> Response:
        """A new flow."""
        await self.auth.user(request)
        body = await json_body(request)
        now_s = time.time()
        flow = Flow(
            id=str(uuid.uuid4()),
            name=optional_text(body, "name") or "Untitled",
            type=optional_text(body, "type") or "AGENTFLOW",
            flow_data=required_text(body, "flowData"),
            deployed=bool(body.get("deployed", False)),
            is_public=bool(body.get("isPublic", False)),
            created_s=now_s,
            updated_s=now_s,
        )
        await self.database.add_flow(flow)
        return JSONResponse(_shown(flow))

    async def list_all(self, request: Request) -> Response:
        """Every flow."""
        await self.auth.user(request)
        return JSONResponse([_shown(flow) for flow in await self.database.flows()])

    async def show(self, request: Request) -> Response:
        """One flow."""
        return JSONResponse(_shown(await self._asked_for(request)))

    async def change(self, request: Request) -> Response:
        """The same flow with other contents."""
        flow = await self._asked_for(request)
        body = await json_body(request)
        given = {
            "name": optional_text(body, "name"),
            "flow_data": optional_text(body, "flowData"),
            "deployed": body.get("deployed"),
            "is_public": body.get("isPublic"),
        }
        changes = {name: value for name, value in given.items() if value is not None}
        await self.database.change_flow(flow.id, **changes)
        return JSONResponse(_shown(await self.database.flow(flow.id) or flow))

    async def delete(self, request: Request) -> Response:
        """No flow."""
        flow = await self._asked_for(request)
        await self.database.delete_flow(flow.id)
        return JSONResponse({"raw": [], "affected": 1})

    async def nodes(self, request: Request) -> Response:
        """The templates of all nodes the reference runs."""
        await self.auth.user(request)
        return JSONResponse(list(TEMPLATES.values()))

    async def node(self, request: Request) -> Response:
        """One node's template."""
        await self.auth.user(request)
        name = request.path_params["name"]
        if name not in TEMPLATES:
            raise HTTPException(404, f"Node {name} not found")
        return JSONResponse(TEMPLATES[name])

    async def messages(self, request: Request) -> Response:
        """What was asked and answered, as the workers wrote it down."""
        await self.auth.user(request)
        columns: dict[str, object] = {"flow_id": request.path_params["flow_id"]}
        if chat_id := request.query_params.get("chatId"):
            columns["chat_id"] = chat_id
        rows = await self.database.predictions(**columns)
        return JSONResponse([message for row in rows for message in _messages(row)])

    async def _asked_for(self, request: Request) -> Flow:
        await self.auth.user(request)
        flow_id = request.path_params["flow_id"]
        flow = await self.database.flow(flow_id)
        if flow is None:
            raise HTTPException(404, f"Chatflow {flow_id} not found in the database!")
        return flow


def _shown(flow: Flow) -> dict[str, Any]:
    return {
        "id": flow.id,
        "name": flow.name,
        "type": flow.type,
        "flowData": flow.flow_data,
        "deployed": flow.deployed,
        "isPublic": flow.is_public,
        "createdDate": _date(flow.created_s),
        "updatedDate": _date(flow.updated_s),
    }


def _messages(row: Prediction) -> list[dict[str, Any]]:
    common = {"chatflowid": row.flow_id, "chatId": row.chat_id, "sessionId": row.chat_id}
    asked = {**common, "role": "userMessage", "content": row.question, "id": row.id}
    asked["createdDate"] = _date(row.created_s)
    if row.result is None:
        return [asked]
    answer = {**common, "role": "apiMessage", "content": row.result["text"], "executionId": row.id}
    date = _date(row.finished_s or row.created_s)
    return [asked, {**answer, "id": message_id(row.id), "createdDate": date}]


def _date(moment_s: float) -> str:
    return datetime.fromtimestamp(moment_s, UTC).isoformat().replace("+00:00", "Z")


def _template(name: str, label: str, inputs: list[dict[str, Any]]) -> dict[str, Any]:
    shown = {"name": name, "label": label, "type": label, "category": CATEGORY, "version": 1}
    return {**shown, "baseClasses": [label], "inputs": inputs, "outputs": []}


TEMPLATES: dict[str, dict[str, Any]] = {
    START: _template(START, "Start", []),
    FUNCTION: _template(
        FUNCTION,
        "Custom Function",
        [{"label": "Javascript Function", "name": SOURCE_FIELD, "type": "code"}],
    ),
}
