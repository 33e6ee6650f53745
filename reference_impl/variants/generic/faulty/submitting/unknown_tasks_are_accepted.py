"""A job of a kind that does not exist is taken, and fails later.

Seen where a task's name is looked up by the worker alone.
"""

from __future__ import annotations

import uuid

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"SUBM-003"})
PLAYS = ("SUBM-001", "SUBM-002")


def install() -> None:
    """Give it an id."""
    submit = Front.submit

    async def content(self: Front, request: Request) -> Response:
        if (await request.json()).get("task") != "steps":
            return JSONResponse({"id": uuid.uuid4().hex}, status_code=202)
        return await submit(self, request)

    Front.submit = content  # type: ignore[method-assign]
