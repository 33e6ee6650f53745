"""What is 0 is missing from the monitor.

The response model is written with "exclude defaults", and counters live in a dictionary that
knows a name once it was counted. Scrapers find no series until the first incident, and alerts on
a rise from nothing never fire.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.monitor import RedisMonitor

FAILS = frozenset({"MONI-002", "MONI-003"})
PLAYS = ("MONI-001", "MONI-009", "BOOT-001")


class Terse(RedisMonitor):
    """Says what there is to say."""

    def snapshot(self) -> dict[str, Any]:
        """The fields that are not 0, with the counters that are not."""
        whole = super().snapshot()
        stats = {name: count for name, count in whole.pop("cancel_stats").items() if count}
        told = {name: value for name, value in whole.items() if value is not None and value != 0}
        return told | {"cancel_stats": stats}


class VariantAssembly(Assembly):
    """A monitor without zeros."""

    redis_monitor_class = Terse
