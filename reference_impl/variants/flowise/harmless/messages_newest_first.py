"""A flow's messages are listed with the newest first, and an answer before its question."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.flowise.http_flows import FlowEndpoints

PLAYS = ("ABRT-004", "PRED-001..003", "PRED-009..012", "SUBM-004")

_messages = FlowEndpoints.messages


async def _newest_first(self: FlowEndpoints, request: Request) -> Response:
    listed = json.loads(bytes((await _messages(self, request)).body))
    return JSONResponse(listed[::-1])


def install() -> None:
    """Turn them round."""
    FlowEndpoints.messages = _newest_first  # type: ignore[method-assign]
