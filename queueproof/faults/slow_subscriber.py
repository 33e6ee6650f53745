"""Subscribers whose output buffer overflows: Redis drops them, as it does with slow readers.

With a small limit, one message larger than it is enough: the subscriber is dropped before the
message reaches it.
"""

from __future__ import annotations

from queueproof.faults.base import Fault, Unconfirmed
from queueproof.faults.registry import fault
from queueproof.faults.shared.config_change import ConfigChange
from queueproof.faults.shared.foreign_keys import refuse_where_foreign
from queueproof.stack.chaos import ChaosStack
from queueproof.stack.journal import Journal
from queueproof.targets.redis_view import RedisView, command

_LIMIT = "client-output-buffer-limit"
_HARD_BYTES = 8192
_MESSAGE = "x" * (_HARD_BYTES * 32)


@fault("slow_subscriber")
def slow_subscriber(stack: ChaosStack) -> Fault:
    """Overflow the buffer of every subscriber once; the small limit stays until healed."""
    return SlowSubscriber(stack.redis.view, stack.journal)


class SlowSubscriber:
    """A small limit for Pub/Sub clients, and one large message on every channel."""

    name = "subscribers' buffers overflow"

    def __init__(self, view: RedisView, journal: Journal) -> None:
        self._view = view
        self._change = ConfigChange(view, journal)
        self._before: frozenset[str] = frozenset()

    async def apply(self) -> None:
        """Set the limit and publish; raises NotAssessed where other people may be listening."""
        sizes = await self._view.sizes()
        await refuse_where_foreign(self._view, sizes, instead="nothing is published")
        client = self._view.client()
        self._before = await self._subscribers()
        await self._change.make({_LIMIT: f"pubsub {_HARD_BYTES} {_HARD_BYTES} 1"})
        for channel in await command(client, "PUBSUB", "CHANNELS"):
            await command(client, "PUBLISH", str(channel), _MESSAGE)

    async def confirm(self) -> str:
        """Those subscribed before are gone."""
        left = await self._subscribers() & self._before
        if left or not self._before:
            raise Unconfirmed(f"{self.name}: {len(left)} of {len(self._before)} were not dropped")
        return f"{len(self._before)} subscribers dropped by Redis"

    async def heal(self) -> None:
        """The limit as it was."""
        await self._change.undo()

    async def _subscribers(self) -> frozenset[str]:
        rows = await self._view.client().client_list(_type="pubsub")
        return frozenset(str(row["id"]) for row in rows)
