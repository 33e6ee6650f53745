"""Every attempt to reconnect counts as a reconnection.

``dispatcher_reconnects`` is raised before the connection is made. During an outage it climbs by
the second, and says that all is well again and again.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher

FAILS = frozenset({"MONI-015"})
PLAYS = ("MONI-003", "MONI-016")


class CountsTrying(CancelDispatcher):
    """Counts the intent."""

    async def listen(self) -> None:
        """Subscribe once more, and count that first."""
        if self._was_connected:
            self.stats.dispatcher_reconnects += 1
        await super().listen()


class VariantAssembly(Assembly):
    """Counts attempts."""

    dispatcher_class = CountsTrying
