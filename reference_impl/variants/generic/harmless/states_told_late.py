"""What is told of a job's state is a third of a second old."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.generic.front import Front

PLAYS = ("status", "PROM-001..011")


def install() -> None:
    """Answer with what was true when the question came."""
    status = Front.status

    async def late(self: Front, request: Request) -> Response:
        answer = await status(self, request)
        await asyncio.sleep(0.3)
        return answer

    Front.status = late  # type: ignore[method-assign]
