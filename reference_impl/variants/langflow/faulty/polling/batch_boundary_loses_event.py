"""The event that fills a batch is taken from the queue and forgotten: a loop that breaks too late.

It shows under load only, when batches fill at all.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"POLL-010", "STRM-013"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)
BATCH = 50


class LeakyBridge(Bridge):
    """Drops one event at each full batch."""

    async def gather(self, job: Job) -> Batch:
        """Leave the event out that came after the batch was full."""
        batch = await super().gather(job)
        if batch.closing is not None or len(batch.events) <= BATCH:
            return batch
        kept = tuple(e for i, e in enumerate(batch.events, start=1) if i % (BATCH + 1))
        return Batch(kept, None)


class VariantAssembly(Assembly):
    """Carries events with it."""

    bridge_class = LeakyBridge
