"""The monitor's gauges go to ten and no further: what shows them had ten lamps.

A worker with a hundred jobs looks like one with ten, and is given more.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.monitor import RedisMonitor

FAILS = frozenset({"MONI-004", "MONI-006", "MONI-007"})
PLAYS = ("MONI-005", "MONI-008")
GAUGES = ("active_jobs", "bridge_count", "consumer_wrapper_count")
MOST = 10


class TenLamps(RedisMonitor):
    """Shows no more than ten."""

    def snapshot(self) -> dict[str, Any]:
        """The fields, three of them capped."""
        fields = super().snapshot()
        return fields | {name: min(MOST, fields[name]) for name in GAUGES}


class VariantAssembly(Assembly):
    """Monitors with it."""

    redis_monitor_class = TenLamps
