"""A poll after the end waits for events that can no longer come (Langflow 1.13: it hangs).

The worker looks for new events only, and nobody tells it that the job is over.
"""

from __future__ import annotations

from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller
from reference_impl.store.base import View

FAILS = frozenset({"POLL-005"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class WaitingPoller(Poller):
    """Has nothing to say about a job that is over."""

    async def ending_again(self, job_id: str, view: View) -> PollAnswer:
        """As if the job went on without an event."""
        return PollAnswer((), view.after, JobState.RUNNING)


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = WaitingPoller
