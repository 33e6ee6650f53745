"""A poll of the job's own worker does not wait for a slow start: the queue is there, and empty.

The grace was built for polls elsewhere, which cannot know whether there is a job.
"""

from __future__ import annotations

import time
from functools import cached_property

from reference_impl.core.events import EndReason
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.poller import PollAnswer, Poller, failed_answer
from reference_impl.store.base import View

FAILS = frozenset({"GRACE-008"})
PLAYS = ("GRACE-003", "POLL-001", "POLL-006")
MOMENT_S = 0.3


class HomePoller(Poller):
    """Knows better at home."""

    desk: BuildDesk

    async def answer(self, job_id: str, view: View | None, *, arrived: float) -> PollAnswer | None:
        """The end, if its own job has said nothing for a moment."""
        job = self.desk.owned(job_id)
        silent = view is not None and view.record.written == 0
        if job is not None and silent and time.monotonic() - job.owned_since > MOMENT_S:
            return failed_answer(job_id, 0, EndReason.STARTUP_GRACE)
        return await super().answer(job_id, view, arrived=arrived)

    def grace_left_s(self, view: View, arrived: float) -> float:
        """Look again when the moment is over."""
        left_s = arrived + MOMENT_S + 0.01 - time.monotonic()
        return min(super().grace_left_s(view, arrived), max(0.001, left_s))


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = HomePoller

    @cached_property
    def poller(self) -> Poller:
        """Answering polls, with the desk in reach."""
        poller = super().poller
        assert isinstance(poller, HomePoller)
        poller.desk = self.desk
        return poller
