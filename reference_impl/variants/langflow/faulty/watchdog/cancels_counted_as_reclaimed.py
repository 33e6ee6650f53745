"""Every build that is cancelled is counted as one that the watchdog has reclaimed.

The counter moved into the method that stops builds, "where all of them come by".
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.store.messages import CancelMessage

FAILS = frozenset({"WDOG-003"})
PLAYS = ("WDOG-001", "WDOG-010", "MONI-010", "MONI-011", "MONI-021")


class CountingDispatcher(CancelDispatcher):
    """Counts what it stops."""

    async def _cancel(self, message: CancelMessage) -> None:
        self.stats.polling_watchdog_kills += self.desk.owned(message.job_id) is not None
        await super()._cancel(message)


class VariantAssembly(Assembly):
    """Cancels through it."""

    dispatcher_class = CountingDispatcher
