"""A stream that was open when Redis went away hears nothing any more, and is never ended.

It waits on a connection that nobody is at the other end of. Whoever opens a stream afterwards is
served as ever.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry, StoreUnavailable

SCENARIOS = {"CHAOS-004": frozenset({"RESI-001"})}


class DeafReader(StreamReader):
    """Waits for what cannot come."""

    async def _more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        try:
            return await super()._more(job_id, after=after, arrived=arrived)
        except StoreUnavailable:
            await asyncio.Event().wait()
            raise


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = DeafReader
