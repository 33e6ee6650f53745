"""Redis cannot be reached: every connection is cut and none is accepted until healed."""

from __future__ import annotations

from queueproof.faults.refused_connections import RefusedConnections
from queueproof.targets.redis_view import RedisView, command

_KINDS = ("normal", "pubsub")


class UnreachableRedis:
    """Refuses new connections first, then cuts those there are, so that nobody slips back in."""

    name = "Redis out of reach"

    def __init__(self, redis: RedisView) -> None:
        self._redis = redis
        self._refused = RefusedConnections(redis)

    async def apply(self) -> None:
        """Refuse and cut."""
        await self._refused.apply()
        for kind in _KINDS:
            await command(self._redis.client(), "CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    async def confirm(self) -> str:
        """Somebody tried to come back and was refused."""
        return await self._refused.confirm()

    async def heal(self) -> None:
        """Accept connections again."""
        await self._refused.heal()
