"""Builds that begin after the watchdog's first kill are not watched any more.

The list of jobs is taken anew only while nothing was reclaimed. The first abandoned build of a
worker's life is stopped, every later one runs on.
"""

from __future__ import annotations

import time

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.watchdog import Watchdog
from reference_impl.store.base import Activity

FAILS = frozenset({"WDOG-001"})
PLAYS = ("WDOG-002",)


class TiredWatchdog(Watchdog):
    """Watches whom it knew when it first struck."""

    def consider(self, job: Job, activity: Activity, *, now_s: float) -> None:
        """Judge one job, unless it is a later one."""
        struck_s: float = self.__dict__.get("struck_s", float("inf"))
        if job.owned_since > struck_s:
            return
        before = self.stats.polling_watchdog_kills
        super().consider(job, activity, now_s=now_s)
        if self.stats.polling_watchdog_kills > before:
            self.__dict__.setdefault("struck_s", time.monotonic())


class VariantAssembly(Assembly):
    """Watched by it."""

    watchdog_class = TiredWatchdog
