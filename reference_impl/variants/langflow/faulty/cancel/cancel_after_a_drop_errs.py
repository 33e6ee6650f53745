"""A cancel of a build whose reader has left is answered 500.

The closed stream has cancelled it. The tab is opened again, the build is there and does nothing,
and "stop" meets a record whose reason the answer's table does not know.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CancelAnswer, Canceller
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-006"})
PLAYS = ("CANC-006..008", "CANC-010")


class ForgetfulCanceller(Canceller):
    """Knows no reader that left."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """Cancel; what is over is looked up."""
        if record.state.is_over and record.reason == "disconnect":
            raise KeyError(record.reason)
        return await super().cancel(record)


class VariantAssembly(Assembly):
    """Cancels with it."""

    canceller_class = ForgetfulCanceller
