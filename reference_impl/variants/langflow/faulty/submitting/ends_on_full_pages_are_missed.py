"""A page of a hundred events that is exactly full is followed by another one, even behind the end.

``while len(page) == limit``: the terminal event is looked for on the last page, and the last page
is the one that is not full. One job in a hundred is told to have lost its data.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import READ_LIMIT, StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"SUBM-007"})
PLAYS = ("STRM-001..017",)


class FullPages(StreamReader):
    """Knows the last page by its size."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Yield entries up to the end of a page that is not full."""
        after, arrived = 0, time.monotonic()
        while True:
            page = await self.more(job_id, after=after, arrived=arrived)
            for entry in page:
                yield entry
                after = entry.position
            if 0 < len(page) < READ_LIMIT and page[-1].event.is_terminal:
                return


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = FullPages
