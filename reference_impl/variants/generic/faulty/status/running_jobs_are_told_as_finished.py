"""The status of a job that has begun says that it has finished.

Seen where a job counts as done once a worker has taken it.
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"STAT-002"})
PLAYS = ("STAT-003", "STAT-004")


def install() -> None:
    """Say so."""
    status = Front.status

    async def hasty(self: Front, request: Request) -> Response:
        told = json.loads(bytes((await status(self, request)).body))
        return JSONResponse({**told, "state": told["state"].replace("running", "finished")})

    Front.status = hasty  # type: ignore[method-assign]
