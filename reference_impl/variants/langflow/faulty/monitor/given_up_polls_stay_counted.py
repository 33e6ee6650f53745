"""A poll that its client gave up is counted as a reader for good.

The count goes down where the answer has been sent, and here there is nobody to send it to.
"""

from __future__ import annotations

import asyncio
from functools import cached_property

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller
from reference_impl.langflow.readers_count import ReadersCount

FAILS = frozenset({"MONI-007"})
PLAYS = ("MONI-007", "POLL-004")


class LosingPoller(Poller):
    """Loses sight of whom it does not answer."""

    readers: ReadersCount

    async def poll(
        self, job_id: str, *, token: str, after: int | None, gone: asyncio.Task[None]
    ) -> PollAnswer | None:
        """The answer, if anybody is there to get it."""
        answer = await super().poll(job_id, token=token, after=after, gone=gone)
        if answer is None or gone.done():
            self.readers.now += 1
        return answer


class VariantAssembly(Assembly):
    """Polls through it."""

    @cached_property
    def poller(self) -> Poller:
        """Reading by polls, with the count in reach."""
        poller = LosingPoller(
            store=self.store,
            attention=self.attention,
            lifecycle=self.lifecycle,
            grace_s=self.settings.startup_grace_s,
            hold_s=self.settings.poll_hold_s,
            settle_s=self.settings.owner_lease_s,
        )
        poller.readers = self.readers
        return poller
