"""A cancel of a job that has finished, or failed, is refused with 409: nothing is left of it."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import FINISHED_TEXT, CancelAnswer, Canceller

PLAYS = ("cancel", "MONI-005", "MONI-010..013", "MONI-021", "STRM-009")


class FrankCanceller(Canceller):
    """Says that it came too late."""

    def told(self, state: JobState) -> CancelAnswer:
        """The answer for a job that is over."""
        if state is not JobState.CANCELLED:
            raise HTTPException(409, FINISHED_TEXT)
        return super().told(state)


class VariantAssembly(Assembly):
    """Cancels by it."""

    canceller_class = FrankCanceller
