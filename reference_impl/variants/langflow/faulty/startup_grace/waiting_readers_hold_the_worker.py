"""While a reader waits for a job's first event, nobody else is read to on its worker.

A lock around "find the stream", which in the ordinary case is over at once.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"GRACE-011"})
PLAYS = ("STRM-002",)


class QueueingReader(StreamReader):
    """Waits for first events one by one."""

    async def more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        """The next entries; the first ones in turn."""
        if after:
            return await super().more(job_id, after=after, arrived=arrived)
        lock: asyncio.Lock = self.__dict__.setdefault("lock", asyncio.Lock())
        async with lock:
            while not (found := await super().more(job_id, after=after, arrived=arrived)):
                pass
            return found


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = QueueingReader
