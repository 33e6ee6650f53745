"""Connections to Redis for scripts alone, with nothing between them and the wire.

Every submit and every event is a script: no retries, no instruments, no task a write, no PING
before one, and packed in C. The connection used last is used next, so that those of a crowd that
has gone fall idle, and are closed.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import hiredis
import redis.asyncio as aredis
import redis.exceptions as errors

from reference_impl.common.redis_pools import leads_elsewhere
from reference_impl.store.redis_client import Scripts

IDLE_S = 30.0


class QuickScripts(Scripts):
    """The scripts on connections that are no pool's."""

    def __init__(self, client: aredis.Redis) -> None:
        self._pool = client.connection_pool
        self._idle: deque[tuple[Any, float]] = deque()

    async def ask(self, *question: str | int) -> Any:
        """Ask on a connection that is free, or a new one."""
        connection = self._idle.pop()[0] if self._idle else self._made()
        if leads_elsewhere(connection, self._pool):
            await connection.disconnect(nowait=True)
        try:
            await _forget_leftovers(connection)
            if not connection.is_connected:
                await connection.connect()
            packed = hiredis.pack_command(question)  # type: ignore[arg-type]  # its stub: one item
            await connection.send_packed_command(packed)
            return await connection.read_response()
        finally:
            now_s = time.monotonic()
            self._idle.append((connection, now_s))
            if self._idle[0][1] < now_s - IDLE_S:
                await self._idle.popleft()[0].disconnect(nowait=True)

    async def close(self) -> None:
        """Let go of the connections."""
        while self._idle:
            await self._idle.pop()[0].disconnect(nowait=True)

    def _made(self) -> Any:
        connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        connection.socket_timeout = None
        connection.health_check_interval = 0
        return connection


async def _forget_leftovers(connection: Any) -> None:
    """Close a connection that has ended meanwhile, or on which something came unasked."""
    if not connection.is_connected:
        return
    unread = getattr(connection, "can_read", None) or connection.can_read_destructive
    try:
        if not await unread():
            return
    except errors.ConnectionError:
        pass
    await connection.disconnect(nowait=True)
