"""Workers take jobs in turn, so that each gets its share; nobody skips one that has died."""

from __future__ import annotations

import asyncio
import time

from bullmq.job import Job

from reference_impl.flowise.redis_link import REDIS_ERRORS
from reference_impl.flowise.taker import Taker

FAILS = frozenset({"QUEU-013"})
PLAYS = ("PRED-001",)

LOOK_EVERY_S = 0.02
_next, _stop = Taker._next, Taker.stop


async def _in_turn(self: Taker) -> Job | None:
    client, me = self._runner.client, self._runner.worker_id
    try:
        await client.sadd(_key(self, "ring"), me)
        ring = sorted(await client.smembers(_key(self, "ring")))
        whose = await client.get(_key(self, "turn"))
    except REDIS_ERRORS:
        return await _next(self)
    if whose in ring and whose != me:
        self.took_s = time.monotonic()
        await asyncio.sleep(LOOK_EVERY_S)
        return None
    job = await _next(self)
    if job is not None:
        await client.set(_key(self, "turn"), ring[(ring.index(me) + 1) % len(ring)])
    return job


async def _leaving(self: Taker, *, drain_s: float) -> None:
    await self._runner.client.srem(_key(self, "ring"), self._runner.worker_id)
    await _stop(self, drain_s=drain_s)


def _key(taker: Taker, name: str) -> str:
    return f"flowise:{taker._settings.prediction_queue}:{name}"


def install() -> None:
    """Take turns."""
    Taker._next = _in_turn  # type: ignore[method-assign]
    Taker.stop = _leaving  # type: ignore[method-assign]
