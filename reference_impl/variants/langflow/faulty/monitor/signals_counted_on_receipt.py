"""``published`` rises on every worker that hears a signal, not only on the one that sent it.

Counted in the module that knows the message's format, because sending and hearing both pass
through there. The sum over workers is then the number of cancels times the number of workers.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.store.messages import CancelMessage

FAILS = frozenset({"MONI-010"})
PLAYS = ("MONI-003", "MONI-011", "MONI-012")


class CountsWhatItHears(CancelDispatcher):
    """Counts a signal as it comes in."""

    def dispatch(self, message: CancelMessage) -> None:
        """Dispatch; a message that was heard was published."""
        super().dispatch(message)
        self.stats.published += 1


class VariantAssembly(Assembly):
    """Counts signals where they arrive."""

    dispatcher_class = CountsWhatItHears
