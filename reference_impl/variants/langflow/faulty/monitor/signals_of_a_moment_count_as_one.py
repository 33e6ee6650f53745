"""Signals that come in the same moment are counted as one: the counters are updated in batches.

Every batch adds one, whatever it holds. With one cancel at a time the figures are right.
"""

from __future__ import annotations

import time

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.store.messages import CancelMessage

FAILS = frozenset({"MONI-011", "MONI-012"})
PLAYS = ("MONI-010..013", "CANC-015")
BATCH_S = 1.0


class BatchCounter(CancelDispatcher):
    """Counts moments."""

    def dispatch(self, message: CancelMessage) -> None:
        """Carry out a signal; count it, unless one was counted just now."""
        owned, foreign = self.stats.dispatched_owned, self.stats.dispatched_foreign
        super().dispatch(message)
        now_s = time.monotonic()
        kind = "owned" if self.stats.dispatched_owned > owned else "foreign"
        if now_s - self.__dict__.get(kind, 0.0) < BATCH_S:
            self.stats.dispatched_owned, self.stats.dispatched_foreign = owned, foreign
        self.__dict__[kind] = now_s


class VariantAssembly(Assembly):
    """Listens with it."""

    dispatcher_class = BatchCounter
