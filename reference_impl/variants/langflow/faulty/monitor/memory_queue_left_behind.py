"""The queue in memory was left as it was when Redis came: jobs stay active, cancels do nothing.

Its monitor counts all jobs that it remembers. A cancel looks for the channel, finds that there is
none to send by, and says success: there is nobody else who could run the job.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CANCELLED_TEXT, CancelAnswer, Canceller
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.monitor import Monitor
from reference_impl.store.base import Record
from reference_impl.store.memory import MemoryStore

FAILS = frozenset({"MONI-022", "CANC-013"})
PLAYS = ("MONI-023",)


class CountingDesk(BuildDesk):
    """Knows how many jobs there were."""

    begun = 0

    def _start(self, job: Job, graph: Any) -> Job:
        self.begun += 1
        return super()._start(job, graph)


class RememberingMonitor(Monitor):
    """Counts what was begun."""

    def snapshot(self) -> dict[str, Any]:
        """As active as ever."""
        assert isinstance(self.desk, CountingDesk)
        return {**super().snapshot(), "active_jobs": self.desk.begun}


class ChannelCanceller(Canceller):
    """Cancels by the channel."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """In memory there is none, and no harm seems to be in that."""
        if isinstance(self.store, MemoryStore):
            return CancelAnswer(True, CANCELLED_TEXT)
        return await super().cancel(record)


class VariantAssembly(Assembly):
    """Counts and cancels so."""

    desk_class = CountingDesk
    memory_monitor_class = RememberingMonitor
    canceller_class = ChannelCanceller
