"""Events of an outage are dropped, and the job goes on as if they had been sent.

A log handler with a bounded buffer that discards when it is full: right for logs, wrong for what
a client counts on. The job ends well, with a gap in the middle.
"""

from __future__ import annotations

import time
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Written

SCENARIOS = {"CHAOS-033": frozenset({"RESI-003"})}
OUTAGE_S = 0.5


class Overflowing(Bridge):
    """Keeps nothing for later."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.late: set[str] = set()

    async def write(self, job: Job, *, first: int, batch: Batch) -> Written | None:
        """Write, and remember if that took an outage."""
        began = time.monotonic()
        outcome = await super().write(job, first=first, batch=batch)
        if time.monotonic() - began > OUTAGE_S:
            self.late.add(job.id)
        return outcome

    async def gather(self, job: Job) -> Batch:
        """What is there, without what piled up in an outage."""
        batch = await super().gather(job)
        if job.id not in self.late:
            return batch
        self.late.discard(job.id)
        return Batch(() if batch.closing is None else batch.closing.events, batch.closing)


class VariantAssembly(Assembly):
    """Carries events with it."""

    bridge_class = Overflowing
