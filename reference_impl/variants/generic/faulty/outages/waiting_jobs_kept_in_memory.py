"""A worker fetches more jobs than it runs and keeps them in its memory, where they die with it.

Seen where prefetched jobs count as delivered.
"""

from __future__ import annotations

import asyncio

from reference_impl.generic.worker import Worker

SCENARIOS = {"CHAOS-201": frozenset({"OUTG-004"})}
_AHEAD = 4


def install() -> None:
    """Take four jobs more than there are slots, off the list and out of everybody's sight."""
    claim_and_run = Worker.take_one

    async def ahead(self: Worker) -> None:
        store = self.store
        if len(self.running) >= self.settings.slots:
            held: list[str] = getattr(self, "held", [])
            self.held = held  # type: ignore[attr-defined]
            if len(held) < _AHEAD:
                job_id = await store.redis.rpop("waiting:normal")
                held += [str(job_id)] if job_id else []
            await asyncio.sleep(0.02)
            return
        if getattr(self, "held", []):
            await store.redis.rpush("waiting:normal", self.held.pop(0))  # type: ignore[attr-defined]
        await claim_and_run(self)

    Worker.take_one = ahead  # type: ignore[method-assign]
