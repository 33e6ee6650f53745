"""Something follows the terminal event: a task that reports its statistics when all is over.

A client that has stopped at the end leaves bytes on the connection for its next answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.core.events import Event, make_event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader

FAILS = frozenset({"STRM-015"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class TalkativeReader(StreamReader):
    """Has one more thing to say."""

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """Everything, the end, and statistics."""
        told = 0
        async for event in super().events(job_id):
            told += 1
            yield event
        yield make_event("statistics", {"events": told})


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = TalkativeReader
