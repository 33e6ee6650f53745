"""A worker reads for ten streams of a job at once; the eleventh is told nothing and ends.

A pool of connections to Redis that is smaller than the crowd, and nobody who waits for one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from reference_impl.core.events import EndReason, Event, failed_closing
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader

FAILS = frozenset({"STRM-019"})
PLAYS = ("STRM-001..020",)
MOST = 10


class CrowdedReader(StreamReader):
    """Has ten seats."""

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """Everything, where there is a seat."""
        seats: Counter[str] = self.__dict__.setdefault("seats", Counter())
        if seats[job_id] >= MOST:
            for event in failed_closing(job_id, EndReason.OUTAGE).events:
                yield event
            return
        seats[job_id] += 1
        try:
            async for event in super().events(job_id):
                yield event
        finally:
            seats[job_id] -= 1


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = CrowdedReader
