"""Errors carry what the developer wants to see: the traceback, and Redis's address and password.

A debug handler that was to be off in production.
"""

from __future__ import annotations

import traceback

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.langflow import app
from reference_impl.langflow.app import Handler
from reference_impl.langflow.settings import Settings, load

FAILS = frozenset({"ACCS-012"})
PLAYS = ("ACCS-004",)


async def everything(request: Request, error: Exception) -> Response:
    """What went wrong, in full."""
    told = "".join(traceback.format_exception(error))
    return JSONResponse({"detail": f"Job not found: {error}", "debug": told}, 404)


def with_its_cause(detail: str) -> Handler:
    """A handler that says what is behind."""

    async def answer(request: Request, error: Exception) -> Response:
        import os

        settings: Settings = load(os.environ)
        return JSONResponse({"detail": f"{detail} ({settings.queue_url}: {error})"}, 503)

    return answer


def install() -> None:
    """The handlers of somebody who debugs."""
    app.job_not_found = everything
    app._unavailable = with_its_cause  # noqa: SLF001
