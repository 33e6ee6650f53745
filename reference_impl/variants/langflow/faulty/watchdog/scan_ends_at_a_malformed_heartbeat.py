"""A heartbeat that makes no sense ends the scan: the jobs behind it are never judged.

The exception is caught around the loop instead of in it.
"""

from __future__ import annotations

from reference_impl.core.rules import Heartbeat
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.watchdog import Watchdog
from reference_impl.store.base import Activity, StoreUnavailable

FAILS = frozenset({"WDOG-011"})
PLAYS = ("WDOG-002",)


class BrittleWatchdog(Watchdog):
    """Goes on as long as all makes sense."""

    def consider(self, job: Job, activity: Activity, *, now_s: float) -> None:
        """Judge one job; what is malformed is the last."""
        before = self.stats.activity_parse_errors
        super().consider(job, activity, now_s=now_s)
        if self.stats.activity_parse_errors > before:
            raise StoreUnavailable(Heartbeat.MALFORMED.name)


class VariantAssembly(Assembly):
    """Watched by it."""

    watchdog_class = BrittleWatchdog
