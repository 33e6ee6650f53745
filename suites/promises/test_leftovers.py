"""What ended jobs leave behind in Redis (completes `queueproof, "Any other queue"`, Leftovers)."""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Ending,
    Inconclusive,
    NotAssessed,
    Probe,
    System,
    cancel_running,
    eventually,
    expect_that,
    read_job,
    requirement,
    work_begun,
)
from queueproof.case_helpers.later_runs import require_soon_retries, two_runs_within_s

_BRIEF = Probe(ticks=2, interval_s=0.0)
_LONG = Probe(ticks=200, interval_s=0.1, witnessed=True)
_AGAIN = Probe(ticks=2, interval_s=0.0, fail_times=1, retries=1)
_SOME, _MANY, _AT_ONCE = 5, 60, 8
_OF_A_KIND = 20


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


@requirement("PROM-032", alone=True, promises=("retries",))
async def test_jobs_that_were_cancelled_or_run_again_leave_no_keys_either(target: System) -> None:
    """As many of each kind; what is kept of jobs that failed for good may be kept for somebody."""
    promised = target.promises.cancels if target.promises else ""
    if promised != "running" or "cancel" not in target.adapter.operations:
        raise NotAssessed('needs [promises] cancels = "running", and [mapping.cancel]')
    require_soon_retries(target)
    await _ended_otherwise(target, _SOME)
    before = await _lasting_keys(target)
    await _ended_otherwise(target, _OF_A_KIND)

    async def more() -> int:
        return await _lasting_keys(target) - before

    within_s = target.timings.recovery_s
    grown, _ = await eventually(more, lambda n: n < _OF_A_KIND, within_s=within_s)
    expect_that(
        grown < _OF_A_KIND,
        expected=f"fewer than {_OF_A_KIND} more keys without a time to live after so many jobs "
        "that were cancelled, and so many that were run again",
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


async def _ended_otherwise(target: System, number: int) -> None:
    """So many jobs that are cancelled while they run, and so many that fail once."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def cancelled() -> Ending:
        async with turn:
            job = await target.submit(_LONG)
            await work_begun(job)
            await cancel_running(job)
            return (await read_job(job)).ending

    async def again() -> Ending:
        job = await target.submit(_AGAIN)
        return (await read_job(job, within_s=two_runs_within_s(target, _AGAIN))).ending

    told = await asyncio.gather(*(one() for _ in range(number) for one in (cancelled, again)))
    if set(told[1::2]) != {Ending.COMPLETED}:
        raise Inconclusive("not every job that was run again completed")
    if not all(one.is_end for one in told):
        raise Inconclusive("not every cancelled job was told to be over")


async def _lasting_keys(target: System) -> int:
    """How many keys, on all indexes, have no time to live."""
    redis = target.redis
    if redis is None:
        raise Inconclusive("the queue's Redis cannot be looked at")
    return await redis.lasting_keys()
