"""Workers take delayed jobs out of Redis and hold them until they are due, in their own memory."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from reference_impl.generic.store import JobStore, now_ms
from reference_impl.generic.worker import TROUBLE, Worker, insisting

SCENARIOS = {"CHAOS-227": frozenset({"OUTG-004", "OUTG-009"})}
_SOON_MS, _FAR_MS = 300, 60_000


def install() -> None:
    """Take them."""
    promote_for_ever = Worker.promote_for_ever

    async def holding(self: Worker) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(_fetch(self.store, group))
            group.create_task(promote_for_ever(self))

    Worker.promote_for_ever = holding  # type: ignore[method-assign]


async def _fetch(store: JobStore, group: asyncio.TaskGroup) -> None:
    redis: Any = store.redis
    key = store.key("delayed")
    while True:
        with contextlib.suppress(*TROUBLE):
            first, last = now_ms() + _SOON_MS, now_ms() + _FAR_MS
            for job_id, due_ms in await redis.zrangebyscore(key, first, last, withscores=True):
                if await redis.zrem(key, job_id):
                    group.create_task(_give_back(redis, key, job_id, due_ms))
        await asyncio.sleep(0.1)


async def _give_back(redis: Any, key: str, job_id: str, due_ms: float) -> None:
    await asyncio.sleep(max(0.0, due_ms - now_ms()) / 1000)
    await insisting(lambda: redis.zadd(key, {job_id: due_ms}))
