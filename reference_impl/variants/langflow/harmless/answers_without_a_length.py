"""Answers come in chunks, without a length, with more headers and those in another order."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

PLAYS = ("shared",)
MORE = [
    (b"set-cookie", b"lb=3; Path=/"),
    (b"set-cookie", b"seen=1; Path=/"),
    (b"vary", b"Origin"),
    (b"vary", b"Cookie"),
    (b"x-request-id", b"7f"),
]


class Chunked:
    """Leaves the length out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""

        async def unmeasured(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] not in {204, 304}:
                kept = [pair for pair in message["headers"] if pair[0] != b"content-length"]
                message = {**message, "headers": [*MORE, *reversed(kept)]}
            await send(message)

        await self._app(scope, receive, unmeasured)


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(Chunked)]
