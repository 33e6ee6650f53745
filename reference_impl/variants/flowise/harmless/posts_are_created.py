"""Whatever is posted is answered 201, as frameworks do that take every POST for a creation."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.flowise.assembly import ServerAssembly


class Creation:
    """Says 201."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""

        async def created(message: Message) -> None:
            if message.get("status") == 200 and scope["method"] == "POST":
                message = {**message, "status": 201}
            await send(message)

        await self._app(scope, receive, created)


def _behind(self: ServerAssembly) -> list[Middleware]:
    return [Middleware(Creation)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
