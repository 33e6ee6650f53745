"""The watchdog reclaims one build a look: of many that are left together most work on for long.

It leaves its loop with the first one that it has found.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.watchdog import Watchdog
from reference_impl.store.base import Activity

FAILS = frozenset({"WDOG-001"})
PLAYS = ("WDOG-002", "WDOG-003", "WDOG-011")


class OneALook(Watchdog):
    """Is content with one."""

    found = False

    async def scan(self) -> None:
        """Look."""
        self.found = False
        await super().scan()

    def consider(self, job: Job, activity: Activity, *, now_s: float) -> None:
        """Kill one job, unless one was killed in this look."""
        if self.found:
            return
        before = self.stats.polling_watchdog_kills
        super().consider(job, activity, now_s=now_s)
        self.found = self.stats.polling_watchdog_kills > before


class VariantAssembly(Assembly):
    """Looks so."""

    watchdog_class = OneALook
