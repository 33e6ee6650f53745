"""A stream just stops after the last event, and nothing says how the job ended.

Langflow 1.13 after a Redis restart in mid-stream: ten of sixty ticks, then a clean end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.core.events import Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader

FAILS = frozenset({"STRM-005", "STRM-006", "STRM-007"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)
WORDS = frozenset({"end", "cancelled", "error"})


class MuteReader(StreamReader):
    """Keeps how the job ended to itself."""

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """All but what says how it ended."""
        async for event in super().events(job_id):
            if event.name not in WORDS:
                yield event


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = MuteReader
