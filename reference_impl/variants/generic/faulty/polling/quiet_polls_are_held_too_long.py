"""A poll of a job that says nothing is held for many seconds.

Seen where a hold was meant in milliseconds.
"""

from __future__ import annotations

import asyncio
import json

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.generic.front import Front
from reference_impl.generic.store import FINAL

FAILS = frozenset({"POLL-006"})
PLAYS = ("POLL-002", "POLL-007")
_MUCH_LONGER_S = 8.0


def install() -> None:
    """Hold what has nothing to tell."""
    events = Front.events

    async def held(self: Front, request: Request) -> Response:
        answer = await events(self, request)
        told = json.loads(bytes(answer.body))
        if not told["events"] and told["state"] not in FINAL and request.query_params.get("after"):
            await asyncio.sleep(_MUCH_LONGER_S)
        return answer

    Front.events = held  # type: ignore[method-assign]
