"""Refusals, in the one body every error of Flowise has."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.flowise.database import DatabaseError
from reference_impl.flowise.desk import WaitedTooLong
from reference_impl.flowise.service import NotConfirmed, QueueUnavailable

CREDENTIALS = re.compile(r"://\S*@")
LOG = logging.getLogger("flowise.web")

QUEUE_AWAY = "The job queue is unavailable; the request was not carried out, try again later"
DATABASE_AWAY = "The database is unavailable; try again later"
NOT_CONFIRMED = "The abort was passed on but not confirmed in time; try again later"
TOO_LONG = "The prediction is not over within the longest wait; a worker still runs it"

Handler = Callable[[Request, Exception], Awaitable[Response]]


def error_response(message: str, status: int) -> JSONResponse:
    """An error as Flowise words it."""
    body = {"statusCode": status, "success": False, "message": message, "stack": {}}
    return JSONResponse(body, status)


async def http_error(request: Request, error: Exception) -> Response:
    """A refusal with its reason."""
    assert isinstance(error, HTTPException)
    if error.status_code == 401:
        return JSONResponse({"error": error.detail, "message": error.detail}, 401)
    return error_response(str(error.detail), error.status_code)


def _answer(message: str, status: int) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        # The client learns what it can do; the cause is for the operator.
        cause = CREDENTIALS.sub("://***@", f"{type(error).__name__}: {error}")
        LOG.warning("%s for %s %s: %s", status, request.method, request.url.path, cause)
        return error_response(message, status)

    return answer


HANDLERS: dict[type[Exception], Handler] = {
    HTTPException: http_error,
    QueueUnavailable: _answer(QUEUE_AWAY, 503),
    NotConfirmed: _answer(NOT_CONFIRMED, 503),
    WaitedTooLong: _answer(TOO_LONG, 504),
    DatabaseError: _answer(DATABASE_AWAY, 503),
    # What a driver raises when its own bound runs out, or nobody listens, unwrapped.
    TimeoutError: _answer(DATABASE_AWAY, 503),
    OSError: _answer(DATABASE_AWAY, 503),
}
