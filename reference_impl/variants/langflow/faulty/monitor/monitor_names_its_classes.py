"""The monitor calls the backends by their classes' names.

``type(queue).__name__`` where the contract has ``redis`` and ``asyncio``: dashboards and alerts
that compare with the documented words never match. Langflow's in-memory queue calls itself
``memory``.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.monitor import Monitor, RedisMonitor

FAILS = frozenset({"MONI-001", "MONI-023"})
PLAYS = ("MONI-002", "MONI-022", "BOOT-001", "SETT-003")


class MemoryNames(Monitor):
    """The in-memory queue under its class's name."""

    def snapshot(self) -> dict[str, Any]:
        """The fields, with our own word for the backend."""
        return super().snapshot() | {"backend": "JobQueueService"}


class RedisNames(RedisMonitor):
    """The Redis queue under its class's name."""

    def snapshot(self) -> dict[str, Any]:
        """The fields, with our own word for the backend."""
        return super().snapshot() | {"backend": "RedisJobQueueService"}


class VariantAssembly(Assembly):
    """Speaks of classes, not of settings."""

    memory_monitor_class = MemoryNames
    redis_monitor_class = RedisNames
