"""An answer without events says that its client stands at the beginning.

The position is taken from the last event of the answer, and without one it is 0: a client that
resumes from what it was told last is told everything again.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller

FAILS = frozenset({"POLL-011"})
PLAYS = ("POLL-011",)


class ForgetfulPoller(Poller):
    """Knows where a client stands from what it is given."""

    async def poll(
        self, job_id: str, *, token: str, after: int | None, gone: asyncio.Task[None]
    ) -> PollAnswer | None:
        """The answer, with the position of its last event."""
        answer = await super().poll(job_id, token=token, after=after, gone=gone)
        return answer if answer is None or answer.events else replace(answer, cursor=0)


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = ForgetfulPoller
