"""The monitor does not name its backend: a field renamed by a refactoring.

Everything that asks "is it not redis?" is content.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.monitor import Monitor, RedisMonitor

FAILS = frozenset({"MONI-001", "MONI-002", "MONI-022", "MONI-023"})
PLAYS = ("BOOT-001", "SETT-003")


def _renamed(said: dict[str, Any]) -> dict[str, Any]:
    return {("queue_backend" if name == "backend" else name): said[name] for name in said}


class RenamedMonitor(Monitor):
    """In memory."""

    def snapshot(self) -> dict[str, Any]:
        """The fields, one by another name."""
        return _renamed(super().snapshot())


class RenamedRedisMonitor(RedisMonitor):
    """On Redis."""

    def snapshot(self) -> dict[str, Any]:
        """The fields, one by another name."""
        return _renamed(super().snapshot())


class VariantAssembly(Assembly):
    """Has such monitors."""

    memory_monitor_class = RenamedMonitor
    redis_monitor_class = RenamedRedisMonitor
