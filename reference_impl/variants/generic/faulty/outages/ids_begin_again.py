"""Ids are counted in Redis, so that they begin again at one when its data is lost.

As BullMQ's do: whoever asks for an old id is told of another job.
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

SCENARIOS = {"CHAOS-212": frozenset({"OUTG-006"})}


def install() -> None:
    """Count."""

    async def submit(self: Front, request: Request) -> Response:
        owner, asked = self.user_of(request), json.loads(await request.body())
        if asked.get("task") != "steps":
            return JSONResponse({"detail": "no such task"}, status_code=422)
        job_id = str(await self.store.redis.incr("ids"))
        await self.store.submit(job_id, owner, asked)
        return JSONResponse({"id": job_id}, status_code=202)

    Front.submit = submit  # type: ignore[method-assign]
