"""Declares the jobs of dead workers lost, whoever notices first."""

from __future__ import annotations

from reference_impl.core.events import EndReason, failed_closing
from reference_impl.store.base import Store

PERIOD_S = 1.0


class Reaper:
    """Every worker looks after every other; the store lets only one declaration through."""

    def __init__(self, *, store: Store) -> None:
        self.store = store

    async def reap(self) -> None:
        """End every job whose owner's lease is over."""
        for job_id in await self.store.ownerless():
            await self.store.lose(job_id, failed_closing(job_id, EndReason.OWNER_DIED))
