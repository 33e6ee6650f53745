"""The second cancel of a build finds its task gone and answers 500.

A look-up that cannot fail the first time: two tabs, a double click or a client that repeats an
unanswered request, and the server's log shows a ``KeyError``.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CancelAnswer, Canceller
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-006"})
PLAYS = ("CANC-001", "CANC-002", "CANC-007", "CANC-008")


class OnceOnly(Canceller):
    """Takes for granted that a job it is asked to cancel is still there."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """Raise KeyError for a job whose task is gone."""
        if record.state.is_over:
            raise KeyError(record.job_id)
        return await super().cancel(record)


class VariantAssembly(Assembly):
    """Answers a repeated cancel with an internal error."""

    canceller_class = OnceOnly
