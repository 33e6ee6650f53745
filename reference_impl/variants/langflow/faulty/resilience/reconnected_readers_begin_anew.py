"""A reader whose connection to Redis was lost begins again at the job's first event.

Its client, whose stream went on, is told everything twice.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from reference_impl.core.events import EndReason
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import Ended, StreamReader
from reference_impl.store.base import Entry, StoreUnavailable

SCENARIOS = {"CHAOS-004": frozenset({"RESI-003"})}


class ForgetfulReader(StreamReader):
    """Keeps its position in the connection."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Entries, from the first on again after each failure."""
        after, arrived = 0, time.monotonic()
        since: float | None = None
        while True:
            try:
                entries = await self._more(job_id, after=after, arrived=arrived)
            except StoreUnavailable as error:
                since = since or time.monotonic()
                if time.monotonic() - since > self.patience_s:
                    raise Ended(EndReason.OUTAGE) from error
                after = 0
                continue
            since = None
            for entry in entries:
                yield entry
                after = entry.position
                if entry.event.is_terminal:
                    return


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = ForgetfulReader
