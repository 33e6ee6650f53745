"""The web application: routes, errors as the contract words them, one worker behind them."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import NotConfirmed
from reference_impl.langflow.database import DatabaseError
from reference_impl.langflow.poller import JobNotFound
from reference_impl.store.base import StoreUnavailable

CREDENTIALS = re.compile(r"://\S*@")
LOG = logging.getLogger("uvicorn.error")

QUEUE_AWAY = "The job queue is unavailable; try again later"
DATABASE_AWAY = "The database is unavailable; try again later"
NOT_CONFIRMED = "The cancel was signalled but not confirmed in time; try again later"

Handler = Callable[[Request, Exception], Awaitable[Response]]


def make_app(assembly: Assembly) -> ASGIApp:
    """The application of one worker."""
    app: ASGIApp = Starlette(
        routes=assembly.routes(),
        middleware=assembly.middleware(),
        exception_handlers={
            HTTPException: http_error,
            JobNotFound: job_not_found,
            StoreUnavailable: _unavailable(QUEUE_AWAY),
            NotConfirmed: _unavailable(NOT_CONFIRMED),
            DatabaseError: _unavailable(DATABASE_AWAY),
            # What a driver raises when its own bound runs out, unwrapped.
            TimeoutError: _unavailable(DATABASE_AWAY),
        },
    )
    header = assembly.settings.worker_header
    return app if header is None else WorkerHeader(app, name=header, worker_id=assembly.worker_id)


async def http_error(request: Request, error: Exception) -> Response:
    """An error with its detail, as JSON."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)


async def job_not_found(request: Request, error: Exception) -> Response:
    """No such job, or none of this user's: the two look the same."""
    return JSONResponse({"detail": f"Job not found: {error}"}, 404)


def _unavailable(detail: str) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        # The client learns what it can do; the cause is for the operator.
        cause = CREDENTIALS.sub("://***@", f"{type(error).__name__}: {error}")
        LOG.warning("503 for %s %s: %s", request.method, request.url.path, cause)
        return JSONResponse({"detail": detail}, 503)

    return answer


class WorkerHeader:
    """Names the worker in every response."""

    def __init__(self, app: ASGIApp, *, name: str, worker_id: str) -> None:
        self._app = app
        self._header = (name.lower().encode(), worker_id.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the header as the response starts."""

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], self._header]}
            await send(message)

        await self._app(scope, receive, send_named)
