"""Requests reach the deployment after anything up to 400 ms: later ones overtake earlier ones."""

from __future__ import annotations

import asyncio
import itertools

from starlette.types import ASGIApp, Receive, Scope, Send

from reference_impl.generic.behind import stand_behind

PLAYS = ("submitting", "status", "CANC-002", "POLL-002", "STRM-002")
DELAYS_S = (0.4, 0.0, 0.2, 0.05, 0.3, 0.0, 0.1)


class UnevenProxy:
    """Holds each request for another while."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._delays = itertools.cycle(DELAYS_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] == "http":
            await asyncio.sleep(next(self._delays))
        await self._app(scope, receive, send)


def install() -> None:
    """Behind it."""
    stand_behind(UnevenProxy)
