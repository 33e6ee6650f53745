"""A build that ends while Redis is away never ends for its readers: its last event is lost.

Events are written again until they are there; the end is written "on the way out", where nobody
is left to try again. The record says that the build runs, for as long as the worker lives.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import StoreUnavailable, Written

SCENARIOS = {"CHAOS-033": frozenset({"RESI-001"})}


class HurriedBridge(Bridge):
    """Says goodbye once."""

    async def write(self, job: Job, *, first: int, batch: Batch) -> Written | None:
        """Insist on events, not on the end."""
        if batch.closing is None:
            return await super().write(job, first=first, batch=batch)
        try:
            return await self.store.append(
                job.reservation, first=first, events=batch.events, closing=batch.closing
            )
        except StoreUnavailable:
            return Written.DONE


class VariantAssembly(Assembly):
    """Carries events with it."""

    bridge_class = HurriedBridge
