"""Every job that ends sends a cancel signal, so that other workers drop what they hold of it.

The clean-up reused the one message that all workers understand. The cancel counters rise with
every finished job, and cancels of the document's kind can no longer be told from them.
"""

from __future__ import annotations

from collections.abc import Sequence

from reference_impl.core.events import Closing, Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Reservation, Written
from reference_impl.store.messages import CancelMessage
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"MONI-011", "MONI-012", "MONI-021"})
PLAYS = ("MONI-003", "MONI-008", "CANC-003", "CANC-007")


class Announcing(RedisStore):
    """Tells everybody when a job is over."""

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append; an end is followed by a signal to all."""
        written = await super().append(job, first=first, events=events, closing=closing)
        if closing is not None:
            message = CancelMessage(job.job_id, job.worker_id, "cleanup")
            await self.client.publish(keys.cancel_channel(self.plan.db), message.encode())
        return written


class VariantAssembly(Assembly):
    """Ends look like cancels."""

    redis_store_class = Announcing
