"""A poll that comes after the end was told is answered as if the job ran on.

Seen where the end is an event like any other, and nobody looks at the state.
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"POLL-005"})
PLAYS = ("POLL-001", "POLL-002", "POLL-008")


def install() -> None:
    """Say of what has no news that it runs."""
    events = Front.events

    async def unaware(self: Front, request: Request) -> Response:
        answer = await events(self, request)
        told = json.loads(bytes(answer.body))
        return JSONResponse({**told, "state": "running"}) if not told["events"] else answer

    Front.events = unaware  # type: ignore[method-assign]
