"""Jobs that ended well are counted as reclaimed when their heartbeat has grown old.

Finished jobs stay in the worker's table for minutes (in Langflow for five), and the watchdog goes
through the table. Bull's stalled checker started jobs anew that had just completed
(OptimalBits/bull #850).
"""

from __future__ import annotations

import time
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.watchdog import Watchdog

FAILS = frozenset({"WDOG-010"})
PLAYS = ("WDOG-001", "WDOG-002", "WDOG-003")


class LongMemory(Watchdog):
    """Scans what it has ever seen."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.table: dict[str, Job] = {}

    async def scan(self) -> None:
        """Strike the old, be they over or not."""
        await super().scan()
        self.table |= self.desk.jobs
        for job_id, job in list(self.table.items()):
            if job_id in self.desk.jobs:
                continue
            if time.monotonic() - job.owned_since > self.rule.threshold_s:
                del self.table[job_id]
                self.stats.polling_watchdog_kills += not job.stopping


class VariantAssembly(Assembly):
    """Reclaims what is over."""

    watchdog_class = LongMemory
