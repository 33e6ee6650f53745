"""A client that says with each poll where it stands is reclaimed as if it had left.

The heartbeat is written where the shared position moves, and such a poll moves none.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller

FAILS = frozenset({"WDOG-004"})
PLAYS = ("WDOG-005", "POLL-011")


class SharedOnly(Poller):
    """Watches those who share a position."""

    async def poll(
        self, job_id: str, *, token: str, after: int | None, gone: asyncio.Task[None]
    ) -> PollAnswer | None:
        """The answer to one poll."""
        if after is None:
            return await super().poll(job_id, token=token, after=after, gone=gone)
        return await self._poll(job_id, token=token, after=after, gone=gone)


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = SharedOnly
