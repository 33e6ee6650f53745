"""Redis drops the target's pub/sub connections and accepts no new subscription until healed.

Everything else goes on: what is published reaches nobody, and keys are read and written as ever.
So the dispatchers are deaf for exactly as long as the fault lasts, whatever their backoff is.
"""

from __future__ import annotations

from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.kill_clients import KilledConnections
from queueproof.faults.refused_command import RefusedCommand
from queueproof.faults.registry import fault
from queueproof.stack.chaos import ChaosStack
from queueproof.targets.redis_view import RedisView


@fault("pubsub_blocked")
def pubsub_blocked(stack: ChaosStack) -> Fault:
    """Cut Pub/Sub connections and refuse new subscriptions."""
    return PubsubBlocked(stack.redis.view)


class PubsubBlocked:
    """Cuts pub/sub connections once and refuses SUBSCRIBE and its kin meanwhile."""

    name = "no pub/sub subscriptions"

    def __init__(self, redis: RedisView) -> None:
        self._redis = redis
        self._refused = RefusedCommand(redis, "subscribe", "psubscribe", "ssubscribe")
        self._killed = KilledConnections(redis)

    async def apply(self) -> None:
        """Refuse first, so that nobody slips back in."""
        await self._refused.apply()
        await self._killed.apply()

    async def refusals(self) -> int:
        """Attempts to subscribe that the server refused so far."""
        return await self._refused.refusals()

    async def confirm(self) -> str:
        """Connections were cut and nobody is subscribed."""
        cut = await self._killed.confirm()
        left = await self._redis.subscribers()
        if left:
            raise Unconfirmed(f"{self.name}: {left} connections are subscribed all the same")
        return f"{cut}, nobody is subscribed"

    async def heal(self) -> None:
        """Accept subscriptions again."""
        await self._refused.heal()
