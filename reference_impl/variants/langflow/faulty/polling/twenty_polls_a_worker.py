"""A worker holds twenty polls at once; whoever asks then is refused: its pool of waiters is full.

Twenty tabs with quiet builds, and nobody else is told how his build stands.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.poller import PollAnswer, Poller
from reference_impl.store.base import StoreUnavailable

FAILS = frozenset({"POLL-006"})
PLAYS = ("POLL-004", "SUBM-005")
MOST = 20


class SmallPool(Poller):
    """Has twenty waiters."""

    async def poll(
        self, job_id: str, *, token: str, after: int | None, gone: asyncio.Task[None]
    ) -> PollAnswer | None:
        """The answer to one poll, where somebody is free to wait for it."""
        held = self.__dict__.get("held", 0)
        if held >= MOST:
            raise StoreUnavailable("no waiter is free")
        self.__dict__["held"] = held + 1
        try:
            return await super().poll(job_id, token=token, after=after, gone=gone)
        finally:
            self.__dict__["held"] -= 1


class VariantAssembly(Assembly):
    """Polls through it."""

    poller_class = SmallPool
