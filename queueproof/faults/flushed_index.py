"""One Redis database index loses all its keys, as by an operator's FLUSHDB."""

from __future__ import annotations

from queueproof.errors import UsageError
from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.foreign_keys import refuse_where_foreign
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.targets.redis_view import RedisView

_CANARY = "queueproof:canary"


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
