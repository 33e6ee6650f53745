"""How many jobs run is counted in Redis: what a killed worker ran counts until its lease ends."""

from __future__ import annotations

import asyncio
import time

from reference_impl.generic.worker import TROUBLE, Worker, insisting

SCENARIOS: dict[str, frozenset[str]] = {"CHAOS-201": frozenset()}
_WORKERS, _LOOK_EVERY_S, _LEASE_S = 2, 0.1, 7.0


def install() -> None:
    """Count leases of slots, which those who run renew."""
    take_one, run, hold = Worker.take_one, Worker.run, Worker.hold

    async def counted(self: Worker) -> None:
        try:
            taken = await self.store.redis.zcount("taken", time.time(), "+inf")
        except TROUBLE:
            taken = 0
        if taken < _WORKERS * self.settings.slots:
            await take_one(self)
        else:
            await asyncio.sleep(_LOOK_EVERY_S)

    async def renewing(self: Worker, job_id: str, attempt: int) -> str:
        told = asyncio.create_task(hold(self, job_id, attempt))
        try:
            while not told.done():
                until_s = time.time() + _LEASE_S
                await insisting(lambda: self.store.redis.zadd("taken", {job_id: until_s}))  # noqa: B023
                await asyncio.wait({told}, timeout=1.0)
            return told.result()
        finally:
            told.cancel()

    async def counting(self: Worker, job_id: str, attempt: int) -> None:
        try:
            await run(self, job_id, attempt)
        finally:
            await insisting(lambda: self.store.redis.zrem("taken", job_id))

    Worker.take_one, Worker.run, Worker.hold = counted, counting, renewing  # type: ignore[method-assign]
