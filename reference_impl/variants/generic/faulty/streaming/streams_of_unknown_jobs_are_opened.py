"""A stream of a job that nobody knows is opened, and empty.

Seen where the answer's head is sent before anything is looked up.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"STRM-010"})
PLAYS = ("STRM-002", "POLL-007")
_UNKNOWN = 404


def install() -> None:
    """Open it."""
    stream = Front.stream

    async def hopeful(self: Front, request: Request) -> Response:
        try:
            return await stream(self, request)
        except HTTPException as refusal:
            if refusal.status_code != _UNKNOWN:
                raise
            return PlainTextResponse("")

    Front.stream = hopeful  # type: ignore[method-assign]
