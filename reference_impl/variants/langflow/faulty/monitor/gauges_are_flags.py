"""Bridges and readers are told as there or not there: one, however many there are.

The gauges began as lamps on a page, ``bool(bridges)``, and were numbers only in name. A worker with
forty readers looks like one with a single reader, and is taken away first.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.monitor import RedisMonitor

FAILS = frozenset({"MONI-006", "MONI-007"})
PLAYS = ("MONI-004", "MONI-005")
LAMPS = ("bridge_count", "consumer_wrapper_count")


class LampsMonitor(RedisMonitor):
    """Shows whether, not how many."""

    def snapshot(self) -> dict[str, Any]:
        """The fields, two of them capped."""
        fields = super().snapshot()
        return fields | {name: min(1, fields[name]) for name in LAMPS}


class VariantAssembly(Assembly):
    """Monitors with it."""

    redis_monitor_class = LampsMonitor
