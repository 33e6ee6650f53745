"""A held poll that its client gave up goes on writing heartbeats: the build is never reclaimed.

The task that writes them ends with the answer, and here there is none. Clients that stop between
two polls are noticed; a browser that is closed leaves in the middle of one.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller
from reference_impl.store.base import StoreUnavailable

FAILS = frozenset({"WDOG-001"})
PLAYS = ("POLL-004", "WDOG-001..003")


class HauntedPoller(Poller):
    """Forgets to stop."""

    async def poll(
        self, job_id: str, *, token: str, after: int | None, gone: asyncio.Task[None]
    ) -> PollAnswer | None:
        """One poll; without an answer its heartbeats go on."""
        answer = await super().poll(job_id, token=token, after=after, gone=gone)
        if answer is None:
            tasks: set[asyncio.Task[None]] = self.__dict__.setdefault("tasks", set())
            tasks.add(asyncio.create_task(self._go_on(job_id)))
        return answer

    async def _go_on(self, job_id: str) -> None:
        while True:
            await self.attention.touch(job_id)
            await asyncio.sleep(self.attention.period_s)
            with suppress(StoreUnavailable):
                record = await self.store.record(job_id)
                if record is None or record.state.is_over:
                    return


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = HauntedPoller
