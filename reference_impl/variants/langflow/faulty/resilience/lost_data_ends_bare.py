"""A stream whose data Redis lost just ends: no ``error``, no ``end`` (Langflow 1.13).

Redis restarted without its data in mid-stream: the reader got 10 of 60 ticks and then a clean end
of stream, as if there had been nothing more to say.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.core.events import EndReason
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import Ended, StreamReader
from reference_impl.store.base import Entry

SCENARIOS = {"CHAOS-027": frozenset({"RESI-004"})}


class SilentReader(StreamReader):
    """Has nothing to say about what is gone."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Everything that is left."""
        try:
            async for entry in super().entries(job_id):
                yield entry
        except Ended as ended:
            if ended.reason is not EndReason.DATA_LOST:
                raise


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = SilentReader
