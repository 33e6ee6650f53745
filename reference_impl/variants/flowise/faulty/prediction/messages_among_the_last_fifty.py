"""The messages of a chat are looked for among the last fifty predictions of its flow.

Seen where a page was limited first and filtered afterwards: a chat that was quiet while others
talked is empty.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.flowise import http_flows
from reference_impl.flowise.http_flows import FlowEndpoints

FAILS = frozenset({"PRED-003"})
PLAYS = ("PRED-001",)
PAGE = 50


async def _of_a_page(self: FlowEndpoints, request: Request) -> Response:
    await self.auth.user(request)
    rows = (await self.database.predictions(flow_id=request.path_params["flow_id"]))[-PAGE:]
    if chat_id := request.query_params.get("chatId"):
        rows = [row for row in rows if row.chat_id == chat_id]
    return JSONResponse([message for row in rows for message in http_flows._messages(row)])


def install() -> None:
    """Limit, then filter."""
    FlowEndpoints.messages = _of_a_page  # type: ignore[method-assign]
