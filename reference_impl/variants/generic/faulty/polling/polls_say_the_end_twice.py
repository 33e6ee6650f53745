"""The last event of a finished job comes twice in the poll that tells it.

Seen where both the worker and the server that watches it tell the end.
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"POLL-015"})
PLAYS = ("POLL-001", "POLL-002", "POLL-005", "POLL-009", "POLL-010")


def install() -> None:
    """Say it again."""
    answered = Front.events

    async def insistent(self: Front, request: Request) -> Response:
        answer = await answered(self, request)
        body = json.loads(bytes(answer.body))
        body["events"] += [event for event in body["events"] if event["type"] == "finished"]
        return JSONResponse(body)

    Front.events = insistent  # type: ignore[method-assign]
