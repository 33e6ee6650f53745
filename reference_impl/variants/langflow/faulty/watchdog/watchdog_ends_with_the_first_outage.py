"""The watchdog ends at the first look that Redis does not answer, and nobody starts it again.

From then on no abandoned build is reclaimed; the count of active jobs climbs for weeks.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.watchdog import Watchdog

FAILS = frozenset({"WDOG-001"})
PLAYS = ("WDOG-012", "MONI-017..019")


class MortalWatchdog(Watchdog):
    """Looks until it cannot."""

    async def scan(self) -> None:
        """Judge every job, while nothing ever went wrong."""
        if self.__dict__.get("over"):
            return
        before = self.stats.activity_get_errors
        await super().scan()
        self.__dict__["over"] = self.stats.activity_get_errors > before


class VariantAssembly(Assembly):
    """Reclaims with it."""

    watchdog_class = MortalWatchdog
