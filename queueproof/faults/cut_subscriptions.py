"""Redis drops its subscribers again and again for a while: what is published then reaches nobody,
and every reconnect is cut short.
"""

from __future__ import annotations

import asyncio
import time

from queueproof.errors import Inconclusive
from queueproof.targets.redis_view import RedisView, command

_EVERY_S = 0.02


class CutSubscriptions:
    """Kills every pub/sub connection over and over for `for_s` seconds."""

    def __init__(self, redis: RedisView, *, for_s: float) -> None:
        self.name = f"pub/sub connections cut for {for_s:.1f} s"
        self._redis = redis
        self._for_s = for_s
        self._killed = 0

    async def apply(self) -> None:
        """Cut until the time is over."""
        until = time.monotonic() + self._for_s
        while time.monotonic() < until:
            answer = await command(self._redis.client(), "CLIENT", "KILL", "TYPE", "pubsub")
            self._killed += int(answer)
            await asyncio.sleep(_EVERY_S)

    async def confirm(self) -> str:
        """How many connections were cut."""
        if not self._killed:
            raise Inconclusive(f"{self.name}: nobody was subscribed")
        return f"{self._killed} connections cut"

    async def heal(self) -> None:
        """Nothing to undo: clients may reconnect at once."""
