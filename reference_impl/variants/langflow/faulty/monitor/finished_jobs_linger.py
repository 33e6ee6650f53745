"""The monitor counts finished jobs as active, and their bridges too.

Langflow 1.13: five builds that are over still count for more than a minute, for the table is
only swept every five minutes. Autoscalers keep workers for work that is done.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.monitor import RedisMonitor

FAILS = frozenset({"MONI-005", "MONI-006"})
PLAYS = ("MONI-001", "MONI-002", "MONI-004")


class Unswept(BuildDesk):
    """Keeps count of what it has let go of."""

    unswept = 0

    def _over(self, job: Job) -> None:
        super()._over(job)
        self.unswept += 1


class Lingering(RedisMonitor):
    """Counts what has not been swept yet."""

    def snapshot(self) -> dict[str, Any]:
        """The fields, with jobs and bridges of the last five minutes."""
        whole = super().snapshot()
        assert isinstance(self.desk, Unswept)
        for name in ("active_jobs", "bridge_count"):
            whole[name] += self.desk.unswept
        return whole


class VariantAssembly(Assembly):
    """Counts the dead among the living."""

    desk_class = Unswept
    redis_monitor_class = Lingering
