"""A deployment behind a slow proxy: every request reaches it 300 ms late."""

from __future__ import annotations

import asyncio

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

DELAY_S = 0.3


class SlowProxy:
    """Holds every request for a while."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        await asyncio.sleep(DELAY_S)
        await self._app(scope, receive, send)


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(SlowProxy)]
