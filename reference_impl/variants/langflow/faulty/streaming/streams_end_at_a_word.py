"""A stream ends at the first event whose text has the word "cancelled" in it.

Seen where the end was looked for in the line that is sent, and not in what the event is called: a
user whose flow tells of a cancelled order never sees the rest.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"STRM-016"})
PLAYS = ("STRM-001", "POLL-013")


class WordReader(StreamReader):
    """Looks into the text."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Up to the word."""
        async for entry in super().entries(job_id):
            yield entry
            if "cancelled" in entry.event.body:
                return


class VariantAssembly(Assembly):
    """Reads with it."""

    reader_class = WordReader
