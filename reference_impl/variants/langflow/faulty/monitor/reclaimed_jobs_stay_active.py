"""A build that the watchdog reclaimed is counted as active until its worker goes.

The watchdog ends builds by a way of its own, and ``active -= 1`` is not on it.
"""

from __future__ import annotations

from reference_impl.core.events import EndReason
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"MONI-005"})
PLAYS = ("MONI-004", "MONI-006", "WDOG-001")


class CountingDesk(BuildDesk):
    """Counts up."""

    reclaimed = 0

    @property
    def active_jobs(self) -> int:
        """Jobs under way, and those that were reclaimed."""
        return super().active_jobs + self.reclaimed

    async def cancel(self, job: Job, *, reason: str) -> bool:
        """End a job as cancelled, and take it off if a client asked for that."""
        ended = await super().cancel(job, reason=reason)
        self.reclaimed += ended and reason == EndReason.WATCHDOG.value
        return ended


class VariantAssembly(Assembly):
    """Runs its builds there."""

    desk_class = CountingDesk
