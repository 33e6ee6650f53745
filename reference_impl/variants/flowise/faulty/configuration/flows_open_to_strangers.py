"""Anybody lists the flows."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.flowise.http_flows import FlowEndpoints

FAILS = frozenset({"CONF-011"})
PLAYS = ("ACCS-002",)


async def _list(self: FlowEndpoints, request: Request) -> Response:
    return JSONResponse([{"id": flow.id} for flow in await self.database.flows()])


def install() -> None:
    """Ask nobody."""
    FlowEndpoints.list_all = _list  # type: ignore[method-assign]
