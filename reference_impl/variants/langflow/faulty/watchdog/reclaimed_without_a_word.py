"""A client that returns after its build was reclaimed is told nothing, for ever.

Langflow: the watchdog stops the build and writes no end, so the next poll gets 200 with an empty
body, which is also what "nothing yet" looks like.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.watchdog import Watchdog

FAILS = frozenset({"WDOG-008"})
PLAYS = ("WDOG-001", "WDOG-002")


class Silent(Watchdog):
    """Lets go of what nobody seems to want."""

    async def _kill(self, job: Job) -> None:
        # It stays on the desk: what is there no more would be told as lost by the caretaker.
        job.stopping = True
        await self.desk.halt(job)


class VariantAssembly(Assembly):
    """Reclaims without telling."""

    watchdog_class = Silent
