"""A stream that is opened after the job's end tells of the end and of nothing before it.

The buffer is dropped with the job; what is left is its state.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"STRM-009", "TTL-007"})
PLAYS = (
    "STRM-001",
    "STRM-002",
    "STRM-003",
    "STRM-005",
    "STRM-008",
    "POLL-001..012",
    "startup_grace",
)
WORDS = frozenset({"error", "end", "cancelled"})


class EmptyReader(StreamReader):
    """Has only the last word for whoever comes late."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """How it ended, and no more, if the job is over already."""
        record = await self.store.record(job_id)
        late = record is not None and record.state.is_over
        async for entry in super().entries(job_id):
            if not late or entry.event.name in WORDS:
                yield entry


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = EmptyReader
