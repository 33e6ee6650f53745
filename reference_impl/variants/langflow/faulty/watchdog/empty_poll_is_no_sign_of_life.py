"""A client that polls and gets nothing counts as gone.

The heartbeat is written where events are taken from the queue, so a client in front of a quiet
build gives no sign of life. Langflow's watchdog kills a client that sits in a long poll while
its job is quiet.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller

FAILS = frozenset({"WDOG-005"})
PLAYS = ("WDOG-001", "WDOG-002", "WDOG-004", "WDOG-006")


class OnDelivery(Poller):
    """Writes the heartbeat when something was delivered."""

    async def poll(
        self, job_id: str, *, token: str, after: int | None, gone: asyncio.Task[None]
    ) -> PollAnswer | None:
        """Wait without a sign of life."""
        answer = await self._poll(job_id, token=token, after=after, gone=gone)
        if answer is not None and answer.events:
            await self.attention.touch(job_id)
        return answer


class VariantAssembly(Assembly):
    """Reclaims quiet builds under their clients."""

    poller_class = OnDelivery
