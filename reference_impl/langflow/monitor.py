"""The monitor's snapshot of this worker.

Langflow 1.10 "Deploy Langflow with multiple workers", Monitor the job queue: seven fields and
eleven counters for Redis; backend and active jobs only for the in-memory queue.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reference_impl.langflow.background import Background
from reference_impl.langflow.counters import CancelStats
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.langflow.readers_count import ReadersCount


class Monitor:
    """What the in-memory queue tells of itself."""

    def __init__(self, *, desk: BuildDesk) -> None:
        self.desk = desk

    def snapshot(self) -> dict[str, Any]:
        """The fields as they are now; needs nothing but this process."""
        return {"backend": "asyncio", "active_jobs": self.desk.active_jobs}


class RedisMonitor(Monitor):
    """What the Redis queue tells of itself."""

    def __init__(
        self,
        *,
        desk: BuildDesk,
        readers: ReadersCount,
        background: Background,
        dispatcher: CancelDispatcher | None,
        stats: CancelStats,
    ) -> None:
        super().__init__(desk=desk)
        self.readers = readers
        self.background = background
        self.dispatcher = dispatcher
        self.stats = stats

    def snapshot(self) -> dict[str, Any]:
        """The fields as they are now; needs nothing but this process."""
        return {
            "backend": "redis",
            "active_jobs": self.desk.active_jobs,
            "bridge_count": self.desk.bridge_count,
            "consumer_wrapper_count": self.readers.now,
            "background_task_count": self.background.count,
            "cancel_dispatcher_running": self.dispatcher is not None and self.dispatcher.running,
            "cancel_stats": asdict(self.stats),
        }
