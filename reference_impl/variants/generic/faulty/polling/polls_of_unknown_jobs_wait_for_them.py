"""A poll of a job that nobody knows is held as if it might come, and told nothing.

Seen where a key that is not there looks like a list that is empty.
"""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"POLL-007"})
PLAYS = ("POLL-002", "STRM-010", "STAT-004")
_HOLD_S = 0.5
_UNKNOWN = 404


def install() -> None:
    """Tell nothing, at leisure."""
    events = Front.events

    async def hopeful(self: Front, request: Request) -> Response:
        try:
            return await events(self, request)
        except HTTPException as refusal:
            if refusal.status_code != _UNKNOWN:
                raise
            await asyncio.sleep(_HOLD_S)
            return JSONResponse({"events": [], "next": "0", "state": "waiting"})

    Front.events = hopeful  # type: ignore[method-assign]
