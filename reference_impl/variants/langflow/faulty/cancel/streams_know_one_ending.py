"""Streams end at ``end`` alone: a cancelled build's readers wait for ever.

The spinner that never stops: the reader was written for builds that finish, and the record that
a cancel leaves in the stream was added later, in another module. In Langflow a cancelled stream
ends after an ordinary event, unmarked; here it does not even end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import SLICE_S, StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"CANC-005", "STRM-007"})
PLAYS = ("CANC-001", "CANC-002", "CANC-003", "CANC-007", "CANC-010", "CANC-016")


class SingleMinded(StreamReader):
    """Waits for the one record it knows."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Yield what is data, up to ``end``; the rest must be for somebody else."""
        after, arrived, cancelled = 0, time.monotonic(), False
        while not cancelled:
            for entry in await self.more(job_id, after=after, arrived=arrived):
                after = entry.position
                cancelled = cancelled or entry.event.name == "cancelled"
                if not cancelled:
                    yield entry
                if entry.event.name == "end":
                    return
        while True:
            await asyncio.sleep(SLICE_S)
            self.check_worker()


class VariantAssembly(Assembly):
    """Streams of cancelled builds stay open."""

    reader_class = SingleMinded
