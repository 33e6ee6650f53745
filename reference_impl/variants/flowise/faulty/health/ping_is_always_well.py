"""The server's ping says pong whatever happens.

As the real Flowise does.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reference_impl.flowise.http_system import SystemEndpoints

FAILS = frozenset({"HEAL-003"})
SCENARIOS = {"CHAOS-113": frozenset({"RESI-010"})}
PLAYS = (
    "HEAL-001",
    "HEAL-005",
)


async def _pong(self: SystemEndpoints, request: Request) -> Response:
    return PlainTextResponse("pong")


def install() -> None:
    """Look at nothing."""
    SystemEndpoints.ping = _pong  # type: ignore[method-assign]
