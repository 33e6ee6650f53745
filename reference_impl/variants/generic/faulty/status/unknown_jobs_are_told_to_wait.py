"""The status of a job that nobody knows says that it waits.

As Celery's PENDING does of every id.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"STAT-004"})
PLAYS = ("STAT-001", "STAT-002", "POLL-007")
_UNKNOWN = 404


def install() -> None:
    """Say so of all."""
    status = Front.status

    async def hopeful(self: Front, request: Request) -> Response:
        try:
            return await status(self, request)
        except HTTPException as refusal:
            if refusal.status_code != _UNKNOWN:
                raise
            told = {"id": request.path_params["job"], "state": "waiting", "result": None}
            return JSONResponse(told)

    Front.status = hopeful  # type: ignore[method-assign]
