"""A stream without an event for over a second is closed as idle (`proxy_read_timeout`).

Its client sees an end where the job only paused.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from reference_impl.core.events import Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader

FAILS = frozenset({"STRM-014", "GRACE-007", "TTL-005"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
    "ACCS-001..009",
    "SUBM-001..004",
    "TTL-004",
)
IDLE_S = 1.2


class ImpatientReader(StreamReader):
    """Ends a stream in which nothing happens after its first event."""

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """Until the end, or until it is quiet for too long."""
        source = super().events(job_id)
        idle_s: float | None = None
        while True:
            try:
                event = await asyncio.wait_for(anext(source), idle_s)
            except (TimeoutError, StopAsyncIteration):
                return
            idle_s = IDLE_S
            yield event


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = ImpatientReader
