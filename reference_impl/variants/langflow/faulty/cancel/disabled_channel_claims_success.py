"""With the cancel channel off, a cancel at the wrong worker is answered with success.

The worker that was asked cannot reach the owner and does not know it: its own half of the work
went well. Flower's "revoked" for tasks on workers that were not listening is the same answer.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CANCELLED_TEXT, CancelAnswer, Canceller
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-014"})
PLAYS = ("CANC-001", "CANC-008", "CANC-013")


class Optimist(Canceller):
    """Holds that nobody objected."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """A cancel that could not be passed on was passed on."""
        answer = await super().cancel(record)
        return answer if answer.success else CancelAnswer(True, CANCELLED_TEXT)


class VariantAssembly(Assembly):
    """Claims what it cannot know."""

    canceller_class = Optimist
