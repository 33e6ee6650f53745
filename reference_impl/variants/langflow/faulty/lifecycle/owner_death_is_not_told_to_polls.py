"""Who streams a job is told that its worker died; who polls it is told nothing, for ever.

The stream's reader watches the owner's lease. A poll looks for events, finds none and says so.
"""

from __future__ import annotations

from reference_impl.core.events import EndReason
from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller
from reference_impl.store.base import View

FAILS = frozenset({"LIFE-001"})
PLAYS = ("LIFE-002",)


class Unaware(Poller):
    """Does not know of deaths."""

    async def answer(self, job_id: str, view: View | None, *, arrived: float) -> PollAnswer | None:
        """What there is to say, save that somebody died."""
        if view is not None and view.record.reason == EndReason.OWNER_DIED.value:
            return PollAnswer((), view.after, JobState.RUNNING, taken=bool(view.entries))
        return await super().answer(job_id, view, arrived=arrived)


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = Unaware
