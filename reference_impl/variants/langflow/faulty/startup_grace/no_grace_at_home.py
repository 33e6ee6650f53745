"""A stream on the job's own worker does not wait for a slow start: the queue is there, and empty.

The grace was built for readers elsewhere, who cannot know whether there is a job.
"""

from __future__ import annotations

import time
from functools import cached_property

from reference_impl.core.events import EndReason
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.reader import Ended, StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"GRACE-003"})
PLAYS = ("STRM-002", "STRM-004", "GRACE-008")
MOMENT_S = 0.3


class HomeReader(StreamReader):
    """Knows better at home."""

    desk: BuildDesk

    async def _more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        job = self.desk.owned(job_id)
        if job is not None and after == 0 and time.monotonic() - job.owned_since > MOMENT_S:
            record = await self.store.record(job_id)
            if record is not None and record.written == 0:
                raise Ended(EndReason.STARTUP_GRACE)
        return await super()._more(job_id, after=after, arrived=arrived)


class VariantAssembly(Assembly):
    """Streams through it."""

    @cached_property
    def reader(self) -> StreamReader:
        """Reading as a stream, with the desk in reach."""
        reader = HomeReader(
            store=self.store,
            attention=self.attention,
            lifecycle=self.lifecycle,
            grace_s=self.settings.startup_grace_s,
            patience_s=self.settings.outage_patience_s,
        )
        reader.desk = self.desk
        return reader
