"""Signals for other workers' jobs count as dispatched to an owner.

The counter was put before the question instead of behind it. Operators who compare cancels with
``dispatched_owned`` see one cancel take effect three times.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.store.messages import CancelMessage

FAILS = frozenset({"MONI-011", "MONI-012"})
PLAYS = ("MONI-003", "MONI-010", "CANC-003")


class OwnsEverything(CancelDispatcher):
    """Counts first and asks afterwards."""

    def dispatch(self, message: CancelMessage) -> None:
        """Dispatch; whatever came is counted as ours."""
        before = self.stats.dispatched_foreign
        super().dispatch(message)
        if self.stats.dispatched_foreign > before:
            self.stats.dispatched_foreign = before
            self.stats.dispatched_owned += 1


class VariantAssembly(Assembly):
    """Counts foreign signals as owned."""

    dispatcher_class = OwnsEverything
