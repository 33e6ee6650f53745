"""Events are answered as a page in Latin-1 that may be kept for a minute.

A framework's defaults: browsers decode the bytes as another charset, and a cache in front answers
the next poll with what the last one got.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"POLL-016"})
PLAYS = ("POLL-002",)
HEADERS = [
    (b"content-type", b"text/html; charset=iso-8859-1"),
    (b"cache-control", b"public, max-age=60"),
]


class DefaultHeaders:
    """Says the same of every answer with events."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["path"].endswith("/events"):
                kept = [pair for pair in message["headers"] if pair[0] != b"content-type"]
                message = {**message, "headers": [*kept, *HEADERS]}
            await send(message)

        await self._app(scope, receive, headed)


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(DefaultHeaders)]
