"""A worker that is told to stop clears the queue when it is the last one.

Seen where leaving a group deletes what belongs to it.
"""

from __future__ import annotations

from reference_impl.generic.store import PRIORITIES
from reference_impl.generic.worker import Worker

SCENARIOS = {"CHAOS-208": frozenset({"OUTG-004"})}
_THERE = "workers:there"


def install() -> None:
    """Count who is there; the last one turns off the light."""
    work, drain = Worker.work, Worker.drain

    async def counted(self: Worker) -> None:
        await self.store.redis.incr(_THERE)
        await work(self)

    async def clearing(self: Worker) -> None:
        redis = self.store.redis
        if await redis.decr(_THERE) == 0:
            await redis.delete(*(f"waiting:{priority}" for priority in PRIORITIES))
        await drain(self)

    Worker.work = counted  # type: ignore[method-assign]
    Worker.drain = clearing  # type: ignore[method-assign]
