"""Two cancels of one job at the same moment: the second finds the first at work and breaks.

A dictionary of cancels under way, whose entry the first one removes before the second looks.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CancelAnswer, Canceller
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-006"})
PLAYS = ("CANC-001",)


class ClumsyCanceller(Canceller):
    """Bears one cancel of a job at a time."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """Cancel, alone."""
        under_way: dict[str, object] = self.__dict__.setdefault("under_way", {})
        if record.job_id in under_way:
            raise KeyError(record.job_id)
        under_way[record.job_id] = object()
        try:
            return await super().cancel(record)
        finally:
            del under_way[record.job_id]


class VariantAssembly(Assembly):
    """Cancels through it."""

    canceller_class = ClumsyCanceller
