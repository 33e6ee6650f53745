"""``marker_hit`` rises with every cancel, though nothing was missed.

The owner looks the marker up for the cancel's reason, finds it every time, and the look-up
counts. The one number that tells of lost signals is then as high as the number of cancels.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.dispatcher import CancelDispatcher
from reference_impl.store.messages import CancelMessage

FAILS = frozenset({"MONI-013"})
PLAYS = ("MONI-003", "MONI-010", "MONI-011")


class LooksItUp(CancelDispatcher):
    """Reads the marker to learn the reason."""

    async def _cancel(self, message: CancelMessage) -> None:
        self.stats.marker_hit += 1
        await super()._cancel(message)


class VariantAssembly(Assembly):
    """Counts markers that were only read."""

    dispatcher_class = LooksItUp
