"""Flush: one Redis database index loses all its keys, as by an operator's FLUSHDB.

Cases that know nothing but a URL of Redis have it emptied as a restart without data would leave it:
the queue's index is flushed, and every connection is cut.
"""

from __future__ import annotations

from queueproof.errors import Inconclusive, UsageError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.foreign_keys import refuse_where_foreign
from queueproof.stack.chaos import ChaosStack
from queueproof.targets.redis_view import RedisView, command

_CANARY = "queueproof:canary"
_KINDS = ("normal", "pubsub")


@fault("flush")
def flush(stack: ChaosStack, *, what: str = "queue", index: int | None = None) -> Fault:
    """Flush the `queue`'s index or the `cache`'s (0), or the one named by `index`, once."""
    indexes = {"queue": stack.redis.view.index or 0, "cache": 0}
    if what not in indexes:
        raise UsageError(f"fault flush: what must be queue or cache, not {what!r}")
    return FlushedIndex(stack.redis.view, indexes[what] if index is None else index)


class FlushedIndex:
    """Flushes one index once; a canary key proves that it was this one."""

    def __init__(self, redis: RedisView, index: int) -> None:
        self.name = f"flushed index {index}"
        self._redis, self._index = redis, index
        self._client = redis.client(index)

    async def apply(self) -> None:
        """Leave a canary and flush; raises NotAssessed where other people's keys are."""
        await refuse_where_foreign(self._redis, (self._index,))
        await self._client.set(_CANARY, "1", ex=60)
        await self._client.flushdb()

    async def confirm(self) -> str:
        """The canary is gone."""
        if await self._client.exists(_CANARY):
            raise Unconfirmed(f"{self.name}: the canary key is still there")
        return "the canary key is gone"

    async def heal(self) -> None:
        """What was flushed cannot be brought back."""


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
