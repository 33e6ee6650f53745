"""A stream that is opened as its job ends is empty, and one that waits for a beginning misses a
cancel.

Both take a job without entries of its own for one that ended well: at the edges of a job's life
nobody had looked.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from reference_impl.core.events import Event, end_event
from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader

FAILS = frozenset({"STRM-007", "STRM-009"})
PLAYS = ("STRM-005",)
FRESH_S = 0.3


class HastyReader(StreamReader):
    """Looks once."""

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """Everything, save where the job has just ended, or never began."""
        endings: dict[str, float] = self.__dict__.setdefault("endings", {})
        arrived = time.monotonic()
        if arrived - endings.get(job_id, 0.0) < FRESH_S:
            yield end_event(state=JobState.COMPLETED, duration_s=0.0)
            return
        begun = False
        async for event in super().events(job_id):
            if event.is_terminal:
                endings.setdefault(job_id, time.monotonic())
            if event.name == "cancelled" and not begun:
                yield end_event(state=JobState.COMPLETED, duration_s=0.0)
                return
            begun = True
            yield event


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = HastyReader
