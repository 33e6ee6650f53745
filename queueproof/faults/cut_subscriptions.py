"""Redis drops its subscribers and lets nobody connect until healed, as a short break of the network
does: what is published meanwhile reaches nobody. Connections of every other kind stay.
"""

from __future__ import annotations

from queueproof.faults.killed_connections import KilledConnections
from queueproof.faults.refused_connections import RefusedConnections
from queueproof.targets.redis_view import RedisView


class CutSubscriptions:
    """Refuses new connections, then cuts those that are subscribed."""

    name = "pub/sub connections cut"

    def __init__(self, redis: RedisView) -> None:
        self._refused = RefusedConnections(redis)
        self._killed = KilledConnections(redis)

    async def apply(self) -> None:
        """Refuse first, so that nobody slips back in."""
        await self._refused.apply()
        await self._killed.apply()

    async def confirm(self) -> str:
        """How many connections were cut, and that somebody tried to come back."""
        return f"{await self._killed.confirm()}, {await self._refused.confirm()}"

    async def heal(self) -> None:
        """Accept connections again."""
        await self._refused.heal()
