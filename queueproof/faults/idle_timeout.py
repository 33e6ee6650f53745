"""Redis closes connections that were idle for a while, as a server with a `timeout` does.

A connection of our own that does nothing shows that it does.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.config_change import ConfigChange
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.journal import Journal
from queueproof.targets.redis_view import RedisView

_CLOSED_WITHIN_S = 10.0


@fault("idle_timeout")
def idle_timeout(stack: ChaosStack, *, idle_s: int = 1) -> Fault:
    """Close every connection that is idle for so many seconds."""
    return IdleTimeout(stack.redis.view, stack.journal, idle_s=idle_s)


class IdleTimeout:
    """`CONFIG SET timeout`; Redis looks at its clients about once in a second."""

    def __init__(self, view: RedisView, journal: Journal, *, idle_s: int) -> None:
        self.name = f"idle connections closed after {idle_s} s"
        self._view = view
        self._change = ConfigChange(view, journal)
        self._idle_s = max(1, idle_s)
        self._writer: asyncio.StreamWriter | None = None
        self._closed: asyncio.Task[bytes] | None = None

    async def apply(self) -> None:
        """Set it, and open a connection that will be idle."""
        place = urlsplit(self._view.url)
        reader, self._writer = await asyncio.open_connection(place.hostname, place.port or 6379)
        self._closed = asyncio.create_task(reader.read())
        await self._change.make({"timeout": str(self._idle_s)})

    async def confirm(self) -> str:
        """Our own idle connection was closed."""
        assert self._closed is not None
        done, _ = await asyncio.wait({self._closed}, timeout=self._idle_s + _CLOSED_WITHIN_S)
        if not done:
            raise Unconfirmed(f"{self.name}: one of ours was idle and is still open")
        return f"a connection of ours was closed after {self._idle_s} s without a command"

    async def heal(self) -> None:
        """The timeout that was set before."""
        await self._change.undo()
        if self._closed is not None:
            self._closed.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await self._closed
        if self._writer is not None:
            self._writer.close()
        self._writer, self._closed = None, None
