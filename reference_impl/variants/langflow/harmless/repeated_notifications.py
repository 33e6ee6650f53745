"""Each cancel is announced three times over; its receiver takes the repetitions for what they are.

At-least-once notifications: who listens must know the message he has seen already.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Record, Sent
from reference_impl.store.messages import CancelMessage
from reference_impl.store.redis import RedisStore

TIMES = 2


class ChattyStore(RedisStore):
    """Says everything again."""

    async def signal_cancel(self, record: Record, *, reason: str) -> Sent:
        """Leave the marker, tell everybody, and tell them again."""
        sent = await super().signal_cancel(record, reason=reason)
        message = CancelMessage(job_id=record.job_id, owner=record.worker_id, reason=reason)
        for _ in range(TIMES if sent is Sent.SENT else 0):
            await self.client.publish(keys.cancel_channel(self.plan.db), message.encode())
        return sent


class AttentiveDispatcher(CancelDispatcher):
    """Counts a message once."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._seen: set[CancelMessage] = set()

    def dispatch(self, message: CancelMessage) -> None:
        """Carry out what is new."""
        if message not in self._seen:
            self._seen.add(message)
            super().dispatch(message)


class VariantAssembly(Assembly):
    """With both."""

    redis_store_class = ChattyStore
    dispatcher_class = AttentiveDispatcher
