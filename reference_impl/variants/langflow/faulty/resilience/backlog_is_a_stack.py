"""What piled up in an outage is written newest first: the retry buffer is a stack.

Every event arrives, none twice, and the log reads backwards for the length of the outage.
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


class Stacking(Bridge):
    """Takes from the wrong end once."""

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
        """What is there; after an outage its last comes first."""
        batch = await super().gather(job)
        if job.id not in self.late or batch.closing is not None:
            return batch
        self.late.discard(job.id)
        return Batch(batch.events[::-1], None)


class VariantAssembly(Assembly):
    """Carries events with it."""

    bridge_class = Stacking
