"""A job that failed is told to those who poll as one that has finished.

Seen where whatever ends a job closes it alike.
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"POLL-008"})
PLAYS = ("POLL-002", "STRM-006", "STAT-001")


def install() -> None:
    """Tell it so."""
    events = Front.events

    async def content(self: Front, request: Request) -> Response:
        told = json.loads(bytes((await events(self, request)).body))
        for event in told["events"]:
            if event["type"] == "failed":
                event["type"] = "finished"
        if told["state"] == "failed":
            told["state"] = "finished"
        return JSONResponse(told)

    Front.events = content  # type: ignore[method-assign]
