"""Every reclaimed build is counted twice: as it is decided, and as it is done.

Two people instrumented the two halves of one deed. The graph of reclaimed builds shows double
the number of builds there ever were.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.watchdog import Watchdog

FAILS = frozenset({"WDOG-003"})
PLAYS = ("WDOG-001", "WDOG-010")


class Proud(Watchdog):
    """Counts a kill again when it has happened."""

    async def _kill(self, job: Job) -> None:
        await super()._kill(job)
        self.stats.polling_watchdog_kills += 1


class VariantAssembly(Assembly):
    """Counts double."""

    watchdog_class = Proud
