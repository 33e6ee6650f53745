"""Streams of a worker are written one at a time: a client that does not read stops all of them.

One writer for many sockets, and a write that waits for the slowest.
"""

from __future__ import annotations

import asyncio

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"STRM-018"})
PLAYS = ("STRM-001..020", "SUBM-007", "SUBM-008")


class OneWriter:
    """Sends pieces of bodies one after another, whomever they are for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._writing = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""

        async def write(message: Message) -> None:
            if not message.get("more_body"):
                await send(message)
                return
            async with self._writing:
                await send(message)

        await self._app(scope, receive, write)


class VariantAssembly(Assembly):
    """Answers through it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(OneWriter)]
