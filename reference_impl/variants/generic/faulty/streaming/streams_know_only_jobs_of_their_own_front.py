"""A stream is given only by the process that took the submit.

Seen where a stream hangs on an object in memory.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.generic.front import Front

FAILS = frozenset({"STRM-001", "STRM-003", "STRM-004"})
PLAYS = ("STRM-002", "POLL-001")


def install() -> None:
    """Refuse what another process took."""
    new_id, stream, own = Front.new_id, Front.stream, set[str]()

    def noted(self: Front) -> str:
        job_id = new_id(self)
        own.add(job_id)
        return job_id

    async def only_own(self: Front, request: Request) -> Response:
        if request.path_params["job"] not in own:
            raise HTTPException(404, "no such job")
        return await stream(self, request)

    Front.new_id = noted  # type: ignore[method-assign]
    Front.stream = only_own  # type: ignore[method-assign]
