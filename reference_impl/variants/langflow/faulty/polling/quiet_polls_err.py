"""A poll that ends with nothing to report is answered 500: an empty list has no last element.

While events flow nobody notices; a client of a long silent job sees an error every few seconds.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller
from reference_impl.store.base import View

FAILS = frozenset({"POLL-006", "POLL-011"})
PLAYS = ("POLL-001..012",)


class LastOfNone(Poller):
    """Takes the position of the last event, be there one or none."""

    async def answer(self, job_id: str, view: View | None, *, arrived: float) -> PollAnswer | None:
        """The answer, if it has events."""
        answer = await super().answer(job_id, view, arrived=arrived)
        if answer is not None and not answer.events:
            raise HTTPException(500, "IndexError: list index out of range")
        return answer


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = LastOfNone
