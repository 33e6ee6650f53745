"""A cancel of a build that has not begun yet is answered, and forgotten.

Celery #1007: revoking a task between its arrival at the worker and its start did nothing, since
there was no running task to revoke; the task ran as if nobody had said a word.
"""

from __future__ import annotations

from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CANCELLED_TEXT, CancelAnswer, Canceller
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-004"})
PLAYS = ("CANC-001", "CANC-002", "CANC-003", "CANC-015")


class RunningOnly(Canceller):
    """Cancels what runs."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """A build that has written nothing is not running, so it is as good as cancelled."""
        if record.state is JobState.STARTING:
            return CancelAnswer(True, CANCELLED_TEXT)
        return await super().cancel(record)


class VariantAssembly(Assembly):
    """Loses the race between cancel and start."""

    canceller_class = RunningOnly
