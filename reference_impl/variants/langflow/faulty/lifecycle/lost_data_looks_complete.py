"""A stream whose data Redis lost ends as if the job were complete (Langflow 1.13).

Ten of sixty ticks and a clean end: a missing key means "nothing more".
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.core.events import EndReason, make_event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import Ended, StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"LIFE-006"})
PLAYS = ("LIFE-005", "LIFE-006", "LIFE-007", "LIFE-008", "POLL-001", "STRM-001")


class SereneReader(StreamReader):
    """Ends well whatever is gone."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Everything, and an end in any case."""
        try:
            async for entry in super().entries(job_id):
                yield entry
        except Ended as ended:
            if ended.reason is not EndReason.DATA_LOST:
                raise
            yield Entry(1, make_event("end", {"build_duration": 0.0}))


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = SereneReader
