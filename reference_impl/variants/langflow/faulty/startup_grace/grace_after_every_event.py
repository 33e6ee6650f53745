"""The grace applies to every pause, not only to the one before the first event.

One timeout for "no events yet" and "no more events".
"""

from __future__ import annotations

import asyncio

from reference_impl.core.events import EndReason
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import Ended, StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"GRACE-007", "STRM-014", "TTL-005"})
PLAYS = ("GRACE-001", "STRM-001..015", "TTL-004")


class StrictReader(StreamReader):
    """Gives every event the grace and no more."""

    async def more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        """The next entries, within the grace."""
        try:
            async with asyncio.timeout(self.grace_s):
                while not (found := await super().more(job_id, after=after, arrived=arrived)):
                    pass
        except TimeoutError:
            raise Ended(EndReason.STARTUP_GRACE) from None
        return found


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = StrictReader
