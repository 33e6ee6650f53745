"""A stream that is opened late gets only the last few events: the replay buffer is a short ring.

Pub/Sub with a backlog. Who is there from the beginning sees all, unless a burst outruns him.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"STRM-008", "STRM-009", "STRM-013", "TTL-004"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)
RING = 8


class RingReader(StreamReader):
    """Has what the ring still holds."""

    async def _more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        found = await super()._more(job_id, after=after, arrived=arrived)
        return found[-RING:]


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = RingReader
