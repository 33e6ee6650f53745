"""A stream's body lacks its last chunk: the connection is cut after the terminal event.

Browsers show the events and an error beside them; strict clients raise, and ask again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.core.events import Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader, WorkerGoes

FAILS = frozenset({"STRM-017"})
PLAYS = ("STRM-005",)


class CuttingReader(StreamReader):
    """Breaks off where it should complete."""

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """Everything, and then no end of the body."""
        async for event in super().events(job_id):
            yield event
        raise WorkerGoes


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = CuttingReader
