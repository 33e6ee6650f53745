"""``dispatcher_reconnects`` says whether there was a reconnection, and not how many."""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher

FAILS = frozenset({"MONI-015"})
PLAYS = ("MONI-015..016", "CANC-018")


class Flagging(CancelDispatcher):
    """Sets a flag."""

    def connected(self) -> None:
        """Hear signals, and note that they were missed once."""
        super().connected()
        self.stats.dispatcher_reconnects = min(1, self.stats.dispatcher_reconnects)


class VariantAssembly(Assembly):
    """Listens with it."""

    dispatcher_class = Flagging
