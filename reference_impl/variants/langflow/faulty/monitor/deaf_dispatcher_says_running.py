"""``cancel_dispatcher_running`` stays true while no signal can be heard.

Langflow 1.13: Redis frozen, killed or refusing, the flag is true throughout, though its document
expects a brief false. It tells that the task exists, not that it hears anything.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.monitor import RedisMonitor

FAILS = frozenset({"MONI-020", "MONI-025"})
PLAYS = ("MONI-009", "MONI-015", "CANC-013")


class TaskAlive(RedisMonitor):
    """Asks whether there is a dispatcher."""

    def snapshot(self) -> dict[str, Any]:
        """The fields; a dispatcher that exists is running."""
        return super().snapshot() | {"cancel_dispatcher_running": self.dispatcher is not None}


class VariantAssembly(Assembly):
    """Never admits to being deaf."""

    redis_monitor_class = TaskAlive
