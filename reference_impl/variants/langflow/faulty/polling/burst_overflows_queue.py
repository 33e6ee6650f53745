"""A burst of events overflows the bounded queue of the process, which drops what is oldest.

As in brokers that cap the backlog of a slow consumer, and in `XADD` with a short `MAXLEN`.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"POLL-010", "STRM-013"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)
CAPACITY = 200
LOOK_EVERY_S = 0.02


class SmallBridge(Bridge):
    """Looks now and again, and finds at most so many events."""

    async def gather(self, job: Job) -> Batch:
        """What the queue still holds when it is looked at."""
        await asyncio.sleep(LOOK_EVERY_S)
        while job.queue.qsize() > CAPACITY:
            job.queue.get_nowait()
        return await super().gather(job)


class VariantAssembly(Assembly):
    """Carries events with it."""

    bridge_class = SmallBridge
