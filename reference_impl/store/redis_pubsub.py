"""One subscription on one connection, whose death is noticed at once.

redis-py's own subscriber reconnects silently, and a subscriber that was silently away has missed
signals. Here a dead connection is an exception, and coming back is the caller's decision.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import redis.asyncio as aredis

from reference_impl.store.redis_client import REDIS_ERRORS

PING_EVERY_S = 1.0
PONG_WITHIN_S = 2.0


class SubscriptionLost(Exception):
    """The subscription is gone; signals may have been missed."""


class Subscription:
    """Messages of one channel, from the moment ``open`` returned until an exception."""

    def __init__(self, client: aredis.Redis, channel: str) -> None:
        self._pool = client.connection_pool
        self._channel = channel
        self._connection: Any = None

    async def open(self) -> None:
        """Connect and subscribe; signals published from now on will be seen."""
        try:
            self._connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
            await self._connection.connect()
            await self._connection.send_command("SUBSCRIBE", self._channel, check_health=False)
            await self._reply(PONG_WITHIN_S)
        except REDIS_ERRORS as error:
            raise SubscriptionLost(str(error)) from error

    async def messages(self) -> AsyncIterator[str]:
        """Yield messages; a closed or silent connection raises :class:`SubscriptionLost`."""
        try:
            while True:
                reply = await self._next()
                if reply[0] == "message":
                    yield reply[2]
        except REDIS_ERRORS as error:
            raise SubscriptionLost(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Drop the connection; never fails."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    async def _next(self) -> list[Any]:
        """The next reply; a silent spell is broken by a PING, which must be answered."""
        reply = await self._connection.read_response(timeout=PING_EVERY_S)
        if reply is None:
            await self._connection.send_command("PING", check_health=False)
            reply = await self._reply(PONG_WITHIN_S)
        return list(reply)

    async def _reply(self, within_s: float) -> list[Any]:
        reply = await self._connection.read_response(timeout=within_s)
        if reply is None:
            raise SubscriptionLost(f"no answer for {within_s:g} s")
        return list(reply)
