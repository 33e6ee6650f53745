"""The monitor's counters begin anew with each look: what one look was told, the next one misses.

Two who look, a dashboard and an alert, each see a share.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.counters import CancelStats
from reference_impl.langflow.monitor import RedisMonitor

FAILS = frozenset({"MONI-010", "MONI-011", "MONI-012", "MONI-013"})
PLAYS = ("MONI-001..024", "CANC-012")


class ClearingMonitor(RedisMonitor):
    """Tells what was counted since the last look."""

    def snapshot(self) -> dict[str, Any]:
        """The fields, and zero from now on."""
        told = super().snapshot()
        for name, value in asdict(CancelStats()).items():
            setattr(self.stats, name, value)
        return told


class VariantAssembly(Assembly):
    """Monitored by it."""

    redis_monitor_class = ClearingMonitor
