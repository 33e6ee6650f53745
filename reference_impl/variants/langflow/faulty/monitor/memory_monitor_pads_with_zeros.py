"""The in-memory queue's monitor shows all seven fields, the Redis ones as zeros.

One response model for both backends, with defaults. A dashboard cannot tell "no reconnects" from
"no Redis", and a deployment that fell back to memory looks healthy.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.counters import CancelStats
from reference_impl.langflow.monitor import Monitor

FAILS = frozenset({"MONI-022"})
PLAYS = ("MONI-001", "MONI-002", "MONI-023")

GAUGES = ("bridge_count", "consumer_wrapper_count", "background_task_count")


class Padded(Monitor):
    """Fills in what it does not have."""

    def snapshot(self) -> dict[str, Any]:
        """Two fields and five zeros."""
        padding = dict.fromkeys(GAUGES, 0) | {"cancel_dispatcher_running": False}
        return super().snapshot() | padding | {"cancel_stats": asdict(CancelStats())}


class VariantAssembly(Assembly):
    """Shows counters of things that are not there."""

    memory_monitor_class = Padded
