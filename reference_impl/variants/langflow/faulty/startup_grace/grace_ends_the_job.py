"""A reader that the grace ends takes its job along: the end of its stream counts as a closed tab.

Langflow 1.13 with a grace of 0, where an early reader on the owner could kill the build.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cached_property

from reference_impl.core.events import EndReason
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.langflow.reader import Ended, StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"GRACE-003", "GRACE-006"})
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


class FatalReader(StreamReader):
    """Reports a reader that gives up as one that left."""

    canceller: Canceller

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Everything; when the grace is over, so is the job."""
        try:
            async for entry in super().entries(job_id):
                yield entry
        except Ended as ended:
            record = await self.store.record(job_id)
            if ended.reason is EndReason.STARTUP_GRACE and record is not None:
                self.canceller.client_left(record)
            raise


class VariantAssembly(Assembly):
    """Streams through it."""

    @cached_property
    def reader(self) -> StreamReader:
        """Reading as a stream."""
        reader = FatalReader(
            store=self.store,
            attention=self.attention,
            lifecycle=self.lifecycle,
            grace_s=self.settings.startup_grace_s,
            patience_s=self.settings.outage_patience_s,
        )
        reader.canceller = self.canceller
        return reader
