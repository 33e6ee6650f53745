"""Readers whose stream ended with lost data are counted as reading for ever.

The count goes down where a stream ends well; the way out through the exception forgets it. After
a few outages the gauge says that hundreds read, and scaling follows the gauge.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cached_property

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import Ended, StreamReader
from reference_impl.langflow.readers_count import ReadersCount
from reference_impl.store.base import Entry

SCENARIOS = {"CHAOS-027": frozenset({"RESI-011"})}


class LeakingReader(StreamReader):
    """Leaves its place occupied when it is thrown out."""

    counted: ReadersCount

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Everything up to the end, or to what is lost."""
        try:
            async for entry in super().entries(job_id):
                yield entry
        except Ended:
            self.counted.now += 1
            raise


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = LeakingReader

    @cached_property
    def reader(self) -> StreamReader:
        """A reader that knows the count."""
        made = super().reader
        assert isinstance(made, LeakingReader)
        made.counted = self.readers
        return made
