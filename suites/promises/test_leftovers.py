"""What ended jobs leave behind in Redis (completes `queueproof, "Any other queue"`, Leftovers)."""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Ending,
    Inconclusive,
    Probe,
    System,
    eventually,
    expect_that,
    read_job,
    requirement,
)

_BRIEF = Probe(ticks=2, interval_s=0.0)
_SOME, _MANY, _AT_ONCE = 5, 60, 8


@requirement("PROM-032", alone=True)
async def test_jobs_leave_no_keys_behind_that_never_expire(target: System) -> None:
    """What the queue itself keeps is there after the first few."""
    await _done(target, _SOME)
    before = await _lasting_keys(target)
    await _done(target, _MANY)

    async def more() -> int:
        return await _lasting_keys(target) - before

    within_s = target.timings.recovery_s
    grown, _ = await eventually(more, lambda n: n < _MANY, within_s=within_s)
    expect_that(
        grown < _MANY,
        expected=f"fewer than {_MANY} more keys without a time to live after {_MANY} jobs",
        actual=f"{grown} more, {within_s:.0f} s after the last job's end",
    )


async def _done(target: System, number: int) -> None:
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one() -> Ending:
        async with turn:
            return (await read_job(await target.submit(_BRIEF))).ending

    endings = await asyncio.gather(*(one() for _ in range(number)))
    if set(endings) != {Ending.COMPLETED}:
        raise Inconclusive(f"not every job completed: {sorted({one.value for one in endings})}")


async def _lasting_keys(target: System) -> int:
    """How many keys, on all indexes, have no time to live."""
    redis = target.redis
    if redis is None:
        raise Inconclusive("the queue's Redis cannot be looked at")
    return await redis.lasting_keys()
