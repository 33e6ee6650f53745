"""A stream is closed half a minute after it was opened, its job still running.

A proxy's or a platform's limit on the whole of an answer, meant for pages.
"""

from __future__ import annotations

import asyncio

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"STRM-020"})
PLAYS = ("STRM-001..020", "POLL-001..016")
LONGEST_S = 30.0


class Hasty:
    """Ends each answer in time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(LONGEST_S):
                await self._app(scope, receive, send)
        except TimeoutError:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


class VariantAssembly(Assembly):
    """Answers through it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(Hasty)]
