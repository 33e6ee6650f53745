"""Jobs that ended well are counted as reclaimed when their heartbeat has grown old.

Finished jobs stay in the worker's table for minutes (in Langflow for five), and the watchdog goes
through the table. Bull's stalled checker started jobs anew that had just completed
(OptimalBits/bull #850).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.watchdog import Watchdog

FAILS = frozenset({"WDOG-010"})
PLAYS = ("WDOG-001", "WDOG-002", "WDOG-003")


class LongMemory(BuildDesk):
    """Keeps every job in the table, be it over or not."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.table: dict[str, Job] = {}

    def _start(self, job: Job, graph: Mapping[str, Any]) -> Job:
        self.table[job.id] = job
        return super()._start(job, graph)


class Thorough(Watchdog):
    """Goes through the table."""

    async def scan(self) -> None:
        """Strike the old, be they over or not."""
        await super().scan()
        assert isinstance(self.desk, LongMemory)
        table = self.desk.table
        for job_id, job in list(table.items()):
            if job_id not in self.desk.jobs and self._is_old(job):
                del table[job_id]
                self.stats.polling_watchdog_kills += not job.stopping

    def _is_old(self, job: Job) -> bool:
        return time.monotonic() - job.owned_since > self.rule.threshold_s


class VariantAssembly(Assembly):
    """Reclaims what is over."""

    desk_class = LongMemory
    watchdog_class = Thorough
