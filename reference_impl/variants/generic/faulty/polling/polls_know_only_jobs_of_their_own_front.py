"""A poll is answered only by the process that took the submit.

Seen where events are kept in the memory of the process that answers.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.generic.front import Front

FAILS = frozenset({"POLL-001", "POLL-003"})
PLAYS = ("POLL-002", "STRM-001")


def install() -> None:
    """Refuse what another process took."""
    new_id, events, own = Front.new_id, Front.events, set[str]()

    def noted(self: Front) -> str:
        job_id = new_id(self)
        own.add(job_id)
        return job_id

    async def only_own(self: Front, request: Request) -> Response:
        if request.path_params["job"] not in own:
            raise HTTPException(404, "no such job")
        return await events(self, request)

    Front.new_id = noted  # type: ignore[method-assign]
    Front.events = only_own  # type: ignore[method-assign]
