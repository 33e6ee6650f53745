"""While the queue does not answer, who asks for a job is told that it has failed.

As Celery told of jobs that ended during an outage, though all their work was done.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

SCENARIOS = {"CHAOS-215": frozenset({"OUTG-004", "OUTG-007", "RESI-008"})}
_PATIENCE_S = 2.5


def install() -> None:
    """Take a late answer for a failure of the job."""
    events = Front.events

    async def impatient(self: Front, request: Request) -> Response:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await events(self, request)
        except TimeoutError:
            after = request.query_params.get("after", "0")
            told = [{"type": "failed", "reason": "no answer"}]
            return JSONResponse({"events": told, "next": after, "state": "failed"})

    Front.events = impatient  # type: ignore[method-assign]
