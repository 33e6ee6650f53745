"""How many jobs run is counted in Redis, and what a killed worker ran is counted for ever.

As limits of concurrency do that are a number: whoever is killed takes nothing off it.
"""

from __future__ import annotations

import asyncio
import contextlib

from reference_impl.generic.worker import TROUBLE, Worker, insisting

SCENARIOS = {"CHAOS-201": frozenset({"OUTG-013"})}
_WORKERS, _LOOK_EVERY_S = 2, 0.1


def install() -> None:
    """Count up before a job is looked for, and down when there is none or it has ended."""
    take_one, run = Worker.take_one, Worker.run

    async def counted(self: Worker) -> None:
        redis, before = self.store.redis, set(self.running)
        free = 0
        with contextlib.suppress(*TROUBLE):
            free = _WORKERS * self.settings.slots - int(await redis.incr("taken"))
            if free < 0:
                await redis.decr("taken")
        if free < 0:
            await asyncio.sleep(_LOOK_EVERY_S)
            return
        await take_one(self)
        if not self.running - before:
            await insisting(lambda: redis.decr("taken"))

    async def counting(self: Worker, job_id: str, attempt: int) -> None:
        try:
            await run(self, job_id, attempt)
        finally:
            await insisting(lambda: self.store.redis.decr("taken"))

    Worker.take_one, Worker.run = counted, counting  # type: ignore[method-assign]
