"""Two cancels that reach a worker in the same instant: the second breaks on the first's notes.

What is cancelled is kept in an attribute of the object that all requests share. One person who
cancels never sees it; "cancel all" in a user interface does every time.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CancelAnswer, Canceller
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-006"})
PLAYS = ("SUBM-001",)
#: From the note to its use; the cancels of other cases come that close together, too.
A_WHILE_S = 0.05


class SharedNotes(Canceller):
    """Writes on one sheet what it cancels."""

    noted = ""

    async def cancel(self, record: Record) -> CancelAnswer:
        """Cancel what the sheet says."""
        self.noted = record.job_id
        await asyncio.sleep(A_WHILE_S)
        if self.noted != record.job_id:
            raise KeyError(record.job_id)
        return await super().cancel(record)


class VariantAssembly(Assembly):
    """Cancels through it."""

    canceller_class = SharedNotes
