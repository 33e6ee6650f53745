"""A heartbeat that cannot be read is taken for one that is not there.

``value or 0``: a Redis that refuses one GET for a moment looks like a client that never came, the
build is reclaimed, and ``activity_get_errors`` stays at nought.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.watchdog import Watchdog
from reference_impl.store.base import Activity

FAILS = frozenset({"MONI-018"})
PLAYS = ("MONI-003", "MONI-017", "WDOG-001", "WDOG-002")


class Presuming(Watchdog):
    """Reads an error as an answer."""

    def consider(self, job: Job, activity: Activity, *, now_s: float) -> None:
        """No answer, no client."""
        seen = Activity("0") if activity.error else activity
        super().consider(job, seen, now_s=now_s)


class VariantAssembly(Assembly):
    """Takes errors for silence."""

    watchdog_class = Presuming
