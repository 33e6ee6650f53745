"""When Redis comes back after a hang, every build is reclaimed: nobody was heard meanwhile.

A look that failed is taken for one that found no heartbeat; the next one draws the consequence.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.watchdog import Watchdog

FAILS = frozenset({"WDOG-012"})
PLAYS = ("WDOG-002",)


class UnforgivingWatchdog(Watchdog):
    """Knows no excuse."""

    async def scan(self) -> None:
        """Judge, and after a look that failed strike."""
        failed_before = self.__dict__.pop("failed", False)
        errors = self.stats.activity_get_errors
        await super().scan()
        if self.stats.activity_get_errors > errors:
            self.__dict__["failed"] = True
        elif failed_before:
            for job in list(self.desk.jobs.values()):
                self.stats.polling_watchdog_kills += 1
                self.background.spawn(self._kill(job))


class VariantAssembly(Assembly):
    """Watched by it."""

    watchdog_class = UnforgivingWatchdog
