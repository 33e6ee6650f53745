"""A server that was unhealthy once says so for ever: the flag is set and never taken back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.flowise.http_system import SystemEndpoints

FAILS = frozenset({"HEAL-006"})
PLAYS = ("PRED-001",)

_ping = SystemEndpoints.ping
_was_well: list[Response] = []
_flag: list[Response] = []


async def _flagged(self: SystemEndpoints, request: Request) -> Response:
    answer = await _ping(self, request)
    if answer.status_code == 200:
        _was_well.append(answer)
    elif _was_well:
        _flag.append(answer)
    return _flag[0] if _flag else answer


def install() -> None:
    """Forget nothing."""
    SystemEndpoints.ping = _flagged  # type: ignore[method-assign]
