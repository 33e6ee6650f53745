"""One Redis database index loses all its keys, as by an operator's FLUSHDB."""

from __future__ import annotations

from queueproof.targets.redis_view import RedisView

_CANARY = "queueproof:canary"


class FlushedIndex:
    """Flushes one index once; a canary key proves that it was this one."""

    def __init__(self, redis: RedisView, index: int) -> None:
        self.name = f"flushed index {index}"
        self._client = redis.client(index)

    async def apply(self) -> None:
        """Leave a canary and flush."""
        await self._client.set(_CANARY, "1", ex=60)
        await self._client.flushdb()

    async def confirm(self) -> str:
        """The canary is gone."""
        assert not await self._client.exists(_CANARY)
        return "the canary key is gone"

    async def heal(self) -> None:
        """What was flushed cannot be brought back."""
