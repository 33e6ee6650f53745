"""Redis accepts no new connection: existing ones stay, whoever lost his cannot come back.

Evidence is the server's own count of rejected connections, which also tells when each attempt to
come back was made.
"""

from __future__ import annotations

from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.kill_clients import KilledConnections
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.targets.redis_view import RedisView, command

_KINDS = ("normal", "pubsub")


@fault("refused_connections")
def refused_connections(stack: ChaosStack) -> Fault:
    """Accept no new connection; those that stand, stay."""
    return RefusedConnections(stack.redis.view)


class RefusedConnections:
    """Lowers the server's limit of clients until healed."""

    name = "refused connections"

    def __init__(self, redis: RedisView) -> None:
        self._redis = redis
        self._limit = ""
        self._before = 0

    async def apply(self) -> None:
        """Allow no further client; our own connection is among those that stay."""
        client = self._redis.client()
        limits = await client.config_get("maxclients")
        self._limit = str(limits["maxclients"])
        self._before = await self._rejected()
        await command(client, "CONFIG", "SET", "maxclients", "1")

    async def attempts(self) -> int:
        """Connections that the server rejected so far."""
        return await self._rejected() - self._before

    async def confirm(self) -> str:
        """How many attempts were rejected."""
        attempts = await self.attempts()
        if not attempts:
            raise Unconfirmed(f"{self.name}: nobody tried to connect")
        return f"{attempts} connections rejected"

    async def heal(self) -> None:
        """Allow as many clients as before."""
        if self._limit:
            await command(self._redis.client(), "CONFIG", "SET", "maxclients", self._limit)
            self._limit = ""

    async def _rejected(self) -> int:
        stats = await self._redis.client().info("stats")
        return int(stats["rejected_connections"])


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


class CutSubscriptions:
    """Refuses new connections, then cuts those that are subscribed, as a short break of the network
    does: what is published meanwhile reaches no reader. Connections of every other kind stay.
    """

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
