"""A build that ends while Redis is away never ends for its readers: its last words are lost.

Events are written again until they are there. The end is given to a task that is "done" with the
component, and nobody waits for it. The record says that the build runs, for as long as the worker
lives: it does not compare the builds that it is said to run with those that it does.
"""

from __future__ import annotations

import time
from typing import Any

from reference_impl.core.states import Signal
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.caretaker import Caretaker
from reference_impl.langflow.jobs import Job
from reference_impl.store.base import Written

SCENARIOS = {"CHAOS-033": frozenset({"RESI-001"})}
OUTAGE_S = 0.5


class HurriedBridge(Bridge):
    """Waits out an outage, and leaves with it."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.late: set[str] = set()

    async def write(self, job: Job, *, first: int, batch: Batch) -> Written | None:
        """Insist on events, not on an end that came meanwhile."""
        ends = batch.closing is not None and batch.closing.signal is Signal.FINISH
        if ends and job.id in self.late:
            return Written.DONE
        began = time.monotonic()
        outcome = await super().write(job, first=first, batch=batch)
        self.late.discard(job.id)
        if time.monotonic() - began > OUTAGE_S:
            self.late.add(job.id)
        return outcome


class CarelessCaretaker(Caretaker):
    """Leaves what it is said to run as it is."""

    async def settle(self, job_id: str) -> None:
        """It will be over one day."""


class VariantAssembly(Assembly):
    """Carries events with it."""

    bridge_class = HurriedBridge
    caretaker_class = CarelessCaretaker
