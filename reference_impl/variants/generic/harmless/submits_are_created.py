"""A submit is answered 201 with an address, a cancel 202: it will be done."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.generic.front import Front

PLAYS = ("submitting", "status", "CANC-002", "CANC-007", "PROM-015..017")


def install() -> None:
    """Answer so."""
    submit, cancel = Front.submit, Front.cancel

    async def created(self: Front, request: Request) -> Response:
        answer = await submit(self, request)
        answer.status_code, answer.headers["location"] = 201, "/jobs/elsewhere"
        return answer

    async def accepted(self: Front, request: Request) -> Response:
        answer = await cancel(self, request)
        answer.status_code = 202 if answer.status_code == 200 else answer.status_code
        return answer

    Front.submit = created  # type: ignore[method-assign]
    Front.cancel = accepted  # type: ignore[method-assign]
