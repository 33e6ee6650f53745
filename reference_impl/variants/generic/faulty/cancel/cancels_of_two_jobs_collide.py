"""Two cancels that reach a server in the same instant: the second breaks on the first's notes.

What is cancelled is kept in an attribute that all requests share. One person who cancels never sees
it; "cancel all" in a user interface does every time.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"CANC-006"})
PLAYS = ("SUBM-001",)
#: From the note to its use; the cancels of other cases come that close together, too.
A_WHILE_S = 0.05


def install() -> None:
    """Write what is cancelled on one sheet."""
    cancel, noted = Front.cancel, [""]

    async def noting(self: Front, request: Request) -> Response:
        job_id = request.path_params["job"]
        noted[0] = job_id
        await asyncio.sleep(A_WHILE_S)
        if noted[0] != job_id:
            return JSONResponse({"detail": "KeyError"}, status_code=500)
        return await cancel(self, request)

    Front.cancel = noting  # type: ignore[method-assign]
