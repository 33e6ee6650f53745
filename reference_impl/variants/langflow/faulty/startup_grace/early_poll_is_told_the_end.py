"""A poll that waited a second for the first event is told that the job is over.

An empty read taken for an exhausted one.
"""

from __future__ import annotations

import time

from reference_impl.core.events import make_event
from reference_impl.core.rules import ReaderEnd
from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller
from reference_impl.langflow.reader import judge
from reference_impl.store.base import View

FAILS = frozenset({"GRACE-008"})
PLAYS = (
    "GRACE-001",
    "GRACE-003",
    "GRACE-008",
    "GRACE-010",
    "GRACE-002",
    "GRACE-006",
    "STRM-001",
    "POLL-001",
)
ENOUGH_S = 0.9


class RashPoller(Poller):
    """Takes a job without events for one that has ended."""

    async def answer(self, job_id: str, view: View | None, *, arrived: float) -> PollAnswer | None:
        """The end, if nothing has come for a second."""
        early = judge(view, after=0) is ReaderEnd.NOT_STARTED
        if early and time.monotonic() - arrived > ENOUGH_S:
            return PollAnswer((make_event("end", {}),), 0, JobState.COMPLETED)
        return await super().answer(job_id, view, arrived=arrived)

    def grace_left_s(self, view: View, arrived: float) -> float:
        """Look again when enough is enough."""
        left_s = arrived + ENOUGH_S + 0.01 - time.monotonic()
        return min(super().grace_left_s(view, arrived), max(0.001, left_s))


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = RashPoller
