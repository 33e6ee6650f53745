"""A stream on the worker that runs the build gets what is buffered there, and the stored again.

Local subscribers are fed from memory, then from the stream, without a mark where one ends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"STRM-002", "STRM-003", "STRM-004", "STRM-008", "STRM-009"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class DoublingReader(StreamReader):
    """Repeats what its own worker wrote."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Every event of an own job twice."""
        record = await self.store.record(job_id)
        assert isinstance(self.store, RedisStore)
        own = record is not None and record.worker_id == self.store.worker_id
        async for entry in super().entries(job_id):
            if own and not entry.event.is_terminal:
                yield entry
            yield entry


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = DoublingReader
