"""A proxy in front buffers answers, so that a stream arrives in one piece at its end.

`proxy_buffering on`, or a middleware that collects bodies to compress them.
"""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"STRM-011"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class BufferingProxy:
    """Sends an answer when it is complete."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                for each in kept:
                    await send(each)

        await self._app(scope, receive, keep)


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(BufferingProxy)]
