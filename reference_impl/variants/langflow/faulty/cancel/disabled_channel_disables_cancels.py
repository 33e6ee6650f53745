"""With the cancel channel off nothing is cancelled at all, on the build's own worker neither.

The switch is looked at once, at the top of the request: whoever has turned the channel off because
of a Redis proxy without Pub/Sub has turned the button off as well.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import ELSEWHERE_TEXT, CancelAnswer, Canceller
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-013"})
PLAYS = ("CANC-001", "CANC-014")


class AllOrNothing(Canceller):
    """Cancels through the channel, or not."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """Refuse where there is no channel."""
        if not self.crosses_workers:
            return CancelAnswer(False, ELSEWHERE_TEXT)
        return await super().cancel(record)


class VariantAssembly(Assembly):
    """Cancels through it."""

    canceller_class = AllOrNothing
