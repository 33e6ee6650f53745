"""``cancel_dispatcher_running`` is false on workers that hear every signal.

The flag was set in the master's copy of the dispatcher, before the fork; every worker shows the
copy it inherited. Alerts on a deaf dispatcher ring from the first minute, until somebody mutes
them.
"""

from __future__ import annotations

from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.monitor import RedisMonitor

FAILS = frozenset({"MONI-009", "SETT-009"})
PLAYS = ("MONI-001", "MONI-002", "CANC-003")


class Stale(RedisMonitor):
    """Looks at the wrong object."""

    def snapshot(self) -> dict[str, Any]:
        """The fields, with a flag that nobody ever sets."""
        return super().snapshot() | {"cancel_dispatcher_running": False}


class VariantAssembly(Assembly):
    """Reports itself deaf."""

    redis_monitor_class = Stale
