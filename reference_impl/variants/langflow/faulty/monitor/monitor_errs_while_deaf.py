"""While its dispatcher is away the monitor answers 500: it asks the dispatcher, which is not there.

The one time when somebody looks at it, it has nothing to say.
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.monitor import RedisMonitor

FAILS = frozenset({"MONI-020", "MONI-025"})
PLAYS = ("MONI-001", "MONI-009", "MONI-025")


class NeedsItsDispatcher(RedisMonitor):
    """Trips over a dispatcher that does not run."""

    def snapshot(self) -> dict[str, Any]:
        """The fields, while all is well."""
        said = super().snapshot()
        if not said["cancel_dispatcher_running"]:
            raise HTTPException(500, "AttributeError: 'NoneType' object has no attribute 'channel'")
        return said


class VariantAssembly(Assembly):
    """Has such a monitor."""

    redis_monitor_class = NeedsItsDispatcher
