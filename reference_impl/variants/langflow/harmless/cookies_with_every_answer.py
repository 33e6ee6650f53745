"""Every answer sets two cookies, names its server twice, and varies by everything."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

PLAYS = ("ACCS-001..004", "POLL-001..003", "STRM-001..003", "CANC-001..003")
MORE = [
    (b"set-cookie", b"route=a1; Path=/; HttpOnly"),
    (b"set-cookie", b"session=; Path=/; Max-Age=0"),
    (b"via", b"1.1 one, 1.1 two"),
    (b"vary", b"*"),
    (b"vary", b"Accept-Encoding"),
    (b"link", b"</>; rel=preload"),
]


class Talkative:
    """Says more."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *MORE]}
            await send(message)

        await self._app(scope, receive, said)


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(Talkative)]
