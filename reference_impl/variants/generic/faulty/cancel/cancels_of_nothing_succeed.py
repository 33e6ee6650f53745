"""A cancel of a job that never existed is answered with success.

Seen where a cancel is a message that is published, and nobody looks for whom.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"CANC-008"})
PLAYS = ("CANC-002", "CANC-007", "PROM-018")
_UNKNOWN = 404


def install() -> None:
    """Say that it was done."""
    cancel = Front.cancel

    async def content(self: Front, request: Request) -> Response:
        try:
            return await cancel(self, request)
        except HTTPException as refusal:
            if refusal.status_code != _UNKNOWN:
                raise
            return JSONResponse({"cancelled": True})

    Front.cancel = content  # type: ignore[method-assign]
