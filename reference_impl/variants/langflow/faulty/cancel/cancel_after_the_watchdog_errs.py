"""A cancel of a build that the watchdog has reclaimed is answered 500.

The user comes back, finds the build stuck and clicks "stop": the reason that is stored there is
none of those that the answer's table knows.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CancelAnswer, Canceller
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-006"})
PLAYS = ("CANC-006..008", "WDOG-008")
TEXTS = {"user": 1, "disconnect": 1, "component": 1, "": 1}


class TabulatedCanceller(Canceller):
    """Looks reasons up."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """Cancel; what is over is looked up."""
        if record.state.is_over:
            TEXTS[record.reason]
        return await super().cancel(record)


class VariantAssembly(Assembly):
    """Cancels with it."""

    canceller_class = TabulatedCanceller
