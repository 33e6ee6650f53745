"""A stream that is opened on the job's own worker, just as the job has ended, never ends.

The worker still has the job's local queue and promises its reader the end from there; what is in
the queue has been taken out already.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

from reference_impl.core.events import Closing, Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry, Reservation, Written
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"STRM-009"})
PLAYS = ("STRM-001", "STRM-008")
LET_GO_AFTER_S = 1.0
FOR_EVER_S = 3600.0

_ended: dict[str, float] = {}


class RememberingStore(RedisStore):
    """Knows when this worker's jobs have ended."""

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append, and note an end."""
        done = await super().append(job, first=first, events=events, closing=closing)
        if closing is not None:
            _ended[job.job_id] = time.monotonic()
        return done


class LocalReader(StreamReader):
    """Leaves the end to the queue."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """All of them but that."""
        ended_s = _ended.get(job_id)
        late = ended_s is not None and time.monotonic() - ended_s < LET_GO_AFTER_S
        async for entry in super().entries(job_id):
            if late and entry.event.is_terminal:
                await asyncio.sleep(FOR_EVER_S)
            yield entry


class VariantAssembly(Assembly):
    """Reads so."""

    redis_store_class = RememberingStore
    reader_class = LocalReader
