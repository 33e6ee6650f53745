"""A build that failed is reclaimed, and counted, when its heartbeat has grown old.

It is taken off the watchdog's list by the event that ends a build well.
"""

from __future__ import annotations

import time

from reference_impl.core.states import Signal
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.watchdog import Watchdog

FAILS = frozenset({"WDOG-010"})
PLAYS = ("WDOG-001", "WDOG-003")
_failed: list[float] = []


class NotingBridge(Bridge):
    """Notes what fails."""

    async def gather(self, job: Job) -> Batch:
        """The next batch."""
        batch = await super().gather(job)
        if batch.closing is not None and batch.closing.signal is Signal.FAIL:
            _failed.append(time.monotonic())
        return batch


class StaleList(Watchdog):
    """Strikes what failed long ago."""

    async def scan(self) -> None:
        """Judge every job, and those that failed."""
        await super().scan()
        old = [at_s for at_s in _failed if time.monotonic() - at_s > self.rule.threshold_s]
        for at_s in old:
            _failed.remove(at_s)
        self.stats.polling_watchdog_kills += len(old)


class VariantAssembly(Assembly):
    """Reclaims with it."""

    bridge_class = NotingBridge
    watchdog_class = StaleList
