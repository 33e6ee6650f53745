"""What there is no longer, or never was, is answered 410 in words of its own."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

PLAYS = ("ACCS-008", "ACCS-009", "CANC-008", "CANC-009", "POLL-007", "STRM-010", "SUBM-003")


class Gone:
    """Says it with another number."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""

        async def said(message: Message) -> None:
            if message.get("status") == 404 and "/build/" in scope.get("path", ""):
                message = {**message, "status": 410}
            await send(message)

        await self._app(scope, receive, said)


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(Gone)]
