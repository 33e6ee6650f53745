"""Streams are sent as something that caches may keep: the next reader is given an old one.

A default of the framework for all answers to GET.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"POLL-016"})
PLAYS = ("STRM-001..020", "POLL-001..016")


class Cacheable:
    """Adds a header to streams."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        streams = (
            scope["type"] == "http"
            and scope["path"].endswith("/events")
            and b"polling" not in scope["query_string"]
        )

        async def marked(message: Message) -> None:
            if streams and message["type"] == "http.response.start":
                kept = (b"cache-control", b"public, max-age=60")
                message = {**message, "headers": [*message["headers"], kept]}
            await send(message)

        await self._app(scope, receive, marked)


class VariantAssembly(Assembly):
    """Answers through it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(Cacheable)]
