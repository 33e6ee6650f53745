"""Redis as it is after a restart without data, with nothing but its URL: every key of the queue's
index is gone, and so is every connection.
"""

from __future__ import annotations

from queueproof.errors import Inconclusive
from queueproof.faults.foreign_keys import refuse_where_foreign
from queueproof.targets.redis_view import RedisView, command

_KINDS = ("normal", "pubsub")


class EmptiedRedis:
    """Flushes the queue's index and cuts all connections once; clients may come back at once."""

    name = "Redis emptied, its connections cut"

    def __init__(self, redis: RedisView) -> None:
        self._redis = redis
        self._killed = 0

    async def apply(self) -> None:
        """Flush, then cut everybody but ourselves; raises NotAssessed where other people's keys
        are.
        """
        await refuse_where_foreign(self._redis, (self._redis.home,))
        await self._redis.client(self._redis.home).flushdb()
        client = self._redis.client()
        for kind in _KINDS:
            answer = await command(client, "CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
            self._killed += int(answer)

    async def confirm(self) -> str:
        """How many connections were cut."""
        if not self._killed:
            raise Inconclusive(f"{self.name}: nobody was connected")
        return f"{self._killed} connections cut"

    async def heal(self) -> None:
        """What was flushed cannot be brought back."""
