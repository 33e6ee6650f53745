"""Connections are kept alive for ten answers, then closed (`keepalive_requests 10`)."""

from __future__ import annotations

from collections import defaultdict

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

ANSWERS = 10


class ShortLivedConnections:
    """Announces the end of a connection with every tenth answer over it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._answers: dict[object, int] = defaultdict(int)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                client = tuple(scope.get("client") or ())
                self._answers[client] += 1
                if self._answers[client] % ANSWERS == 0:
                    headers = [*message["headers"], (b"connection", b"close")]
                    message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, count)


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(ShortLivedConnections)]
