"""A worker that was frozen, counted as dead and thawed goes on working for jobs that are over.

What it writes is fenced off, so that no reader hears a word of it, and nobody tells the component:
mails are sent and rows written for a build that users were told is lost. The lease's loss is
noticed only when a slow review of all leases comes round.
"""

from __future__ import annotations

import asyncio
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Written

SCENARIOS = {"CHAOS-043": frozenset({"RESI-008", "CANC-017"})}
REVIEW_S = 9.0


class IndifferentBridge(Bridge):
    """Takes a refused write for a written one."""

    async def write(self, job: Job, *, first: int, batch: Batch) -> Written | None:
        """Write, whatever becomes of it."""
        outcome = await super().write(job, first=first, batch=batch)
        return Written.DONE if outcome in (Written.OVER, Written.FENCED) else outcome


class LeisurelyDesk(BuildDesk):
    """Lets go of a job when its turn comes."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._noted: set[str] = set()

    async def disown(self, job: Job) -> None:
        """Stop working for it, at the next review."""
        if job.id not in self._noted:
            self._noted.add(job.id)
            await asyncio.sleep(REVIEW_S)
            await super().disown(job)


class VariantAssembly(Assembly):
    """Works for nobody."""

    bridge_class = IndifferentBridge
    desk_class = LeisurelyDesk
