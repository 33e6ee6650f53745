"""A stream that is opened after the job's end tells of the end and of nothing before it.

The buffer is dropped with the job; what is left is its state.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"STRM-009", "TTL-007"})


class EmptyReader(StreamReader):
    """Has only the last word for whoever comes late."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """The end alone, if the job is over already."""
        record = await self.store.record(job_id)
        last = await self.store.last(job_id) if record and record.state.is_over else None
        if last is not None:
            yield last
            return
        async for entry in super().entries(job_id):
            yield entry


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = EmptyReader
