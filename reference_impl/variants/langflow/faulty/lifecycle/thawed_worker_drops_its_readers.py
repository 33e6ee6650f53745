"""A worker that stood still for a second takes every reader for gone when it goes on.

A timer that fires late looks like a client that did not answer its heartbeat.
"""

from __future__ import annotations

import time

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader, WorkerGoes
from reference_impl.store.base import Entry

FAILS = frozenset({"LIFE-011"})
PLAYS = ("STRM-002",)
STOOD_STILL_S = 1.8


class TimedReader(StreamReader):
    """Looks at its watch."""

    async def more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        """The next entries, if they did not take too long."""
        asked_s = time.monotonic()
        found = await super().more(job_id, after=after, arrived=arrived)
        if after and time.monotonic() - asked_s > STOOD_STILL_S:
            raise WorkerGoes
        return found


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = TimedReader
