"""Two cancels of one job at the same moment: the second finds the first at work and breaks.

A dictionary of cancels under way, whose entry a timer removes. What was cancelled a moment ago
cannot be cancelled again, nor is that said in a way that a client could understand.
"""

from __future__ import annotations

import time

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CancelAnswer, Canceller
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-006"})
PLAYS = ("CANC-001",)
A_MOMENT_S = 0.5


class ClumsyCanceller(Canceller):
    """Bears one cancel of a job at a time."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """Cancel, alone."""
        under_way: dict[str, float] = self.__dict__.setdefault("under_way", {})
        now_s = time.monotonic()
        if now_s - under_way.get(record.job_id, -A_MOMENT_S) < A_MOMENT_S:
            raise KeyError(record.job_id)
        under_way[record.job_id] = now_s
        return await super().cancel(record)


class VariantAssembly(Assembly):
    """Cancels through it."""

    canceller_class = ClumsyCanceller
