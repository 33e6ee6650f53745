"""A poll that its client gave up takes the next events with it (Langflow 1.13).

The server waits on although nobody is there any more, and sends into a closed connection.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller

FAILS = frozenset({"POLL-004"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class DoggedPoller(Poller):
    """Never asks whether anybody is there."""

    async def poll(
        self, job_id: str, *, token: str, after: int | None, gone: asyncio.Task[None]
    ) -> PollAnswer | None:
        """Wait as if the client did."""
        there = asyncio.create_task(asyncio.Event().wait())
        try:
            return await super().poll(job_id, token=token, after=after, gone=there)  # type: ignore[arg-type]
        finally:
            there.cancel()

    async def settle(self, job_id: str, token: str, *, delivered: bool) -> None:
        """What was written to the socket counts as delivered."""
        await super().settle(job_id, token, delivered=True)


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = DoggedPoller
