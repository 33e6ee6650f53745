"""Two tasks write one job's events and overtake each other: every pair arrives swapped.

A task for every event, each awaiting its own connection of the pool.
"""

from __future__ import annotations

import asyncio

from reference_impl.core.events import Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job

FAILS = frozenset(
    {
        *("POLL-002", "POLL-003", "POLL-011", "STRM-001", "STRM-002"),
        *("STRM-003", "STRM-004", "STRM-008", "STRM-009"),
    }
)
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)
OVERTAKEN_WITHIN_S = 0.3


class RacingBridge(Bridge):
    """Lets the second of two events go first."""

    async def gather(self, job: Job) -> Batch:
        """Wait for a second event, then write the two the other way round."""
        batch = await super().gather(job)
        if batch.closing is not None:
            return batch
        late = [*batch.events]
        for _ in range(int(OVERTAKEN_WITHIN_S / 0.01)):
            if not job.queue.empty():
                break
            await asyncio.sleep(0.01)
        early: list[Event] = []
        while not job.queue.empty() and isinstance(job.queue._queue[0], Event):  # type: ignore[attr-defined]  # noqa: SLF001
            item = job.queue.get_nowait()
            assert isinstance(item, Event)
            early.append(item)
        return Batch((*early, *late), None)


class VariantAssembly(Assembly):
    """Carries events with it."""

    bridge_class = RacingBridge
