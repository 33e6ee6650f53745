"""Polls and streams whose lines end as on Windows, with a blank line before the first."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

PLAYS = ("POLL-001..016", "STRM-001..007", "STRM-017", "GRACE-010")


class CarriageReturns:
    """Ends lines so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if not scope.get("path", "").endswith("/events"):
            await self._app(scope, receive, send)
            return

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [h for h in message["headers"] if h[0] != b"content-length"]
                message = {**message, "headers": kept}
            elif message.get("body"):
                message = {**message, "body": message["body"].replace(b"\n", b"\r\n")}
            await send(message)

        await self._app(scope, receive, said)


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(CarriageReturns)]
