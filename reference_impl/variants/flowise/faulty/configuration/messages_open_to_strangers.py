"""What was said in a flow's chats is told to whoever knows the flow's id.

Seen where every request of the editor was closed, and that of the embedded chat was not.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.flowise.auth import Authenticator
from reference_impl.flowise.http_flows import FlowEndpoints

FAILS = frozenset({"CONF-011"})
PLAYS = ("PRED-003", "DASH-004")

_messages = FlowEndpoints.messages


class _Anybody(Authenticator):
    async def user(self, request: Request) -> None:  # type: ignore[override]
        return None


async def _open(self: FlowEndpoints, request: Request) -> Response:
    open_door = FlowEndpoints(
        auth=_Anybody(database=self.auth.database, tokens=self.auth.tokens), database=self.database
    )
    return await _messages(open_door, request)


def install() -> None:
    """Ask nobody."""
    FlowEndpoints.messages = _open  # type: ignore[method-assign]
