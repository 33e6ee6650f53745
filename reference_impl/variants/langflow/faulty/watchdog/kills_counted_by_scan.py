"""However many builds a scan reclaims, they are counted as one.

``if killed: kills += 1`` stands behind the loop.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.watchdog import Watchdog

FAILS = frozenset({"WDOG-003"})
PLAYS = ("WDOG-001", "WDOG-003")


class ScanCounter(Watchdog):
    """Counts scans."""

    async def scan(self) -> None:
        """Judge every job, and count that there were some."""
        before = self.stats.polling_watchdog_kills
        await super().scan()
        self.stats.polling_watchdog_kills = min(self.stats.polling_watchdog_kills, before + 1)


class VariantAssembly(Assembly):
    """Reclaims with it."""

    watchdog_class = ScanCounter
