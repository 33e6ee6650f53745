"""One abandoned build costs all builds of its worker their lives.

The watchdog stops "the client's" builds, and tells clients apart by the one account that the
whole team uses. Whoever leaves a tab open on a Friday ends everybody else's night run.
"""

from __future__ import annotations

from reference_impl.core.events import EndReason
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.watchdog import Watchdog

FAILS = frozenset({"WDOG-004"})
# Beside other cases it would reclaim their builds too.
PLAYS = ("WDOG-004",)


class Sweeping(Watchdog):
    """Stops all that belongs to an account."""

    async def _kill(self, job: Job) -> None:
        await super()._kill(job)
        for beside in list(self.desk.jobs.values()):
            if beside.reservation.user_id == job.reservation.user_id:
                await self.desk.cancel(beside, reason=EndReason.WATCHDOG.value)


class VariantAssembly(Assembly):
    """Reclaims builds whose clients are there."""

    watchdog_class = Sweeping
