"""What a client does not take in time is dropped, so that the server need not keep it.

Hubs that give each subscriber a bounded buffer do so. Whoever reads quickly never notices.
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl.langflow.assembly import Assembly

FAILS = frozenset({"STRM-018"})
PLAYS = ("STRM-001..020", "SUBM-007", "SUBM-008")
LARGE_BYTES, KEPT = 1_000_000, 2


class Outbox:
    """What is to be sent to one client: of what is large, so many pieces."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: asyncio.Queue[Message] = asyncio.Queue()
        self._large = 0

    async def put(self, message: Message) -> None:
        """Keep a message to be sent, or drop it: a large piece for which there is no room."""
        if _is_large(message):
            if self._large >= KEPT:
                return
            self._large += 1
        await self._waiting.put(message)
        await asyncio.sleep(0)

    async def empty(self) -> None:
        """Send for ever."""
        while True:
            message = await self._waiting.get()
            await self._send(message)
            self._large -= _is_large(message)
            self._waiting.task_done()

    async def sent(self) -> None:
        """Return when all that was kept is sent."""
        await self._waiting.join()


def _is_large(message: Message) -> bool:
    return len(message.get("body", b"")) >= LARGE_BYTES


class Hub:
    """Gives each answer an outbox."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        outbox = Outbox(send)
        sending = asyncio.create_task(outbox.empty())
        try:
            await self._app(scope, receive, outbox.put)
            sent = asyncio.create_task(outbox.sent())
            await asyncio.wait({sent, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending


class VariantAssembly(Assembly):
    """Answers through it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(Hub)]
