"""While Redis is away the server's ping is "not found": the health module is unloaded.

A probe that takes anything but 200 for unhealthy is content, one that knows 404 is not.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.flowise.http_system import SystemEndpoints

FAILS = frozenset({"HEAL-003"})
PLAYS = ("HEAL-001",)
_ping = SystemEndpoints.ping


async def _lost(self: SystemEndpoints, request: Request) -> Response:
    answer = await _ping(self, request)
    if answer.status_code != 200:
        raise HTTPException(404, "Not Found")
    return answer


def install() -> None:
    """Answer as if there were no such path."""
    SystemEndpoints.ping = _lost  # type: ignore[method-assign]
