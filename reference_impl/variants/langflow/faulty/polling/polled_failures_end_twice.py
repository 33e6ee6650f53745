"""A failed build's polls tell two ends: the failure, and in the same answer the usual end.

The failure is reported where it happens, and what answers polls closes whatever has ended.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from reference_impl.core.events import end_event
from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller

FAILS = frozenset({"POLL-015"})
PLAYS = ("POLL-001", "POLL-005", "POLL-009", "SUBM-003")


class Thorough(Poller):
    """Ends what has ended."""

    async def poll(
        self, job_id: str, *, token: str, after: int | None, gone: asyncio.Task[None]
    ) -> PollAnswer | None:
        """The answer, and behind a failure an end."""
        answer = await super().poll(job_id, token=token, after=after, gone=gone)
        if answer is None or all(event.name != "error" for event in answer.events):
            return answer
        end = end_event(state=JobState.COMPLETED, duration_s=0.0)
        return replace(answer, events=(*answer.events, end))


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = Thorough
