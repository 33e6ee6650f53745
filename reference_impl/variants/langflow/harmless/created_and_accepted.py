"""A submit is answered 201, a cancel 202: both say as well as 200 that it was done."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

STATUSES = {"flow": 201, "cancel": 202}


class OtherSuccesses:
    """Says it with another number."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        status = STATUSES.get(scope.get("path", "").rpartition("/")[2])

        async def said(message: Message) -> None:
            if status and message.get("status") == 200:
                message = {**message, "status": status}
            await send(message)

        await self._app(scope, receive, said)


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(OtherSuccesses)]
