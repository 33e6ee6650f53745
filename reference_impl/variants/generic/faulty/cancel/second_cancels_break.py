"""A cancel of a job that was cancelled already is answered with a server error.

Seen where a handle is removed by the first cancel and looked up by the second.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"CANC-006"})
PLAYS = ("CANC-002", "CANC-007", "CANC-008")


def install() -> None:
    """Break on the second."""
    cancel, asked = Front.cancel, set[str]()

    async def breaking(self: Front, request: Request) -> Response:
        job_id = request.path_params["job"]
        if job_id in asked:
            return JSONResponse({"detail": "KeyError"}, status_code=500)
        asked.add(job_id)
        answer = await cancel(self, request)
        if answer.status_code != 200:
            asked.discard(job_id)
        return answer

    Front.cancel = breaking  # type: ignore[method-assign]
