"""A closed tab is announced, and no marker is left: a worker that is deaf just then never knows.

The marker is made by the endpoint for cancels. A build whose reader left in a hiccup of Redis runs
to its end, at its user's cost.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Record
from reference_impl.store.messages import CancelMessage
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"CANC-019"})
PLAYS = ("CANC-010..012",)


class BriefNews(Canceller):
    """Says once that somebody left."""

    async def signal(self, record: Record, *, reason: str) -> bool:
        """Reach the owner; one whose reader left by a message alone."""
        if reason != "disconnect" or not self.crosses_workers:
            return await super().signal(record, reason=reason)
        assert isinstance(self.store, RedisStore)
        message = CancelMessage(job_id=record.job_id, owner=record.worker_id, reason=reason)
        channel = keys.cancel_channel(self.store.plan.db)
        await self.store.client.publish(channel, message.encode())
        self.stats.published += 1
        return True


class VariantAssembly(Assembly):
    """Cancels with it."""

    canceller_class = BriefNews
