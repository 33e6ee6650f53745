"""Bodies arrive in chunks cut anywhere, in the middle of a line, a word or a character."""

from __future__ import annotations

import itertools

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

CUTS = (1, 3, 17, 170)


class Knife:
    """Cuts every body into pieces of odd sizes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""

        async def cut(message: Message) -> None:
            body = message.get("body", b"")
            if message["type"] != "http.response.body" or len(body) <= max(CUTS):
                await send(message)
                return
            edges = (0, *CUTS, len(body))
            for begin, end in itertools.pairwise(edges):
                more = end < len(body) or message.get("more_body", False)
                await send({**message, "body": body[begin:end], "more_body": more})

        await self._app(scope, receive, cut)


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(Knife)]
