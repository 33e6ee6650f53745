"""A stream sends each event when the next one comes: the latest is always held back.

A look-ahead that was needed to mark the last event. In a pause the reader lacks what was said
before it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.core.events import Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader

FAILS = frozenset({"STRM-011"})
PLAYS = ("STRM-001..002", "STRM-014")


class LookingAhead(StreamReader):
    """Knows what comes next."""

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """Everything, one event late."""
        held: Event | None = None
        async for event in super().events(job_id):
            if held is not None:
                yield held
            held = event
        if held is not None:
            yield held


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = LookingAhead
