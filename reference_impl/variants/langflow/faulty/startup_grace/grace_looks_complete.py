"""A reader ended by the grace gets an ordinary `end`, as if the job had finished without events.

Langflow 1.13: an early poll on another worker ends empty.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.core.events import EndReason, make_event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import Ended, StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"GRACE-010"})
PLAYS = (
    "GRACE-001",
    "GRACE-003",
    "GRACE-008",
    "GRACE-010",
    "GRACE-002",
    "GRACE-006",
    "STRM-001",
    "POLL-001",
)


class PolishedReader(StreamReader):
    """Does not speak of the grace."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Everything, and an end in any case."""
        try:
            async for entry in super().entries(job_id):
                yield entry
        except Ended as ended:
            if ended.reason is not EndReason.STARTUP_GRACE:
                raise
            yield Entry(1, make_event("end", {"build_duration": 0.0}))


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = PolishedReader
