"""The dispatcher is back, hears every signal, and says for ever that it does not run.

The flag is set where the task starts and cleared where it fails; the way back goes round both.
Alerts ring after every restart of Redis until somebody restarts healthy workers.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher

SCENARIOS = {"CHAOS-029": frozenset({"RESI-007", "RESI-009"})}


class Downcast(CancelDispatcher):
    """Never gets over a loss."""

    def connected(self) -> None:
        """Hear signals; the flag is for the first connection."""
        again = self._was_connected
        super().connected()
        self.running = not again


class VariantAssembly(Assembly):
    """Listens with it."""

    dispatcher_class = Downcast
