"""The watchdog's settings: none, and the defaults
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference,
LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S and …_POLLING_WATCHDOG_INTERVAL_S).

Nobody waits 90 seconds: the heartbeat is a time, and it is moved into the past instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from queueproof.case import (
    Inconclusive,
    Job,
    Probe,
    System,
    Timings,
    beside,
    eventually,
    expect_that,
    requirement,
    stops,
    work_begun,
    work_goes_on,
)
from queueproof.case_helpers.redis_location import redis_of
from queueproof.running.launch import Launch
from queueproof.targets.redis_view import Key, RedisView

WORK = Probe(ticks=6000, interval_s=0.2, witnessed=True)
THRESHOLD = "LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S"
INTERVAL = "LANGFLOW_REDIS_QUEUE_POLLING_WATCHDOG_INTERVAL_S"
DEFAULT = Timings()
LONG_AGO_S = 7200.0
_ZEROES = ("0", "0.0")
AGEING_S = 0.3


def past_a_kill(t: Timings) -> float:
    """Until then a watchdog with the run's own settings would have struck."""
    return t.stale_threshold_s + 3 * t.watchdog_interval_s + 1.0


@requirement("WDOG-007", wait=past_a_kill)
async def test_a_threshold_of_zero_disables_the_watchdog(target: System, launch: Launch) -> None:
    """A build that nobody ever polled works on, even with a heartbeat of hours ago; the default is
    written 90.0, and 0 may be written 0.0.
    """
    for_s = past_a_kill(target.timings)
    patient = [await launch.system({THRESHOLD: zero}, workers=1) for zero in _ZEROES]
    jobs = [await system.submit(WORK) for system in patient]
    for job in jobs:
        await work_begun(job)
        heartbeat = await redis_of(job.system).heartbeat_of(job.id)
        if heartbeat is not None:
            await _age(redis_of(job.system), heartbeat, by_s=LONG_AGO_S)
    aged_s = jobs[0].system.history.now_s()

    lived = await asyncio.gather(*(work_goes_on(job, past_s=aged_s + for_s) for job in jobs))

    for zero, job, alive in zip(_ZEROES, jobs, lived, strict=True):
        expect_that(
            alive,
            expected=f"with {THRESHOLD}={zero} the build works {for_s:.1f} s later, unattended",
            actual=f"it stopped after {job.sightings[-1].at_s - aged_s:.1f} s",
            jobs=job,
        )


@requirement("WDOG-009", wait=lambda _: DEFAULT.watchdog_interval_s + DEFAULT.cancel_effect_s)
async def test_by_default_a_build_is_reclaimed_after_90_seconds_of_silence(
    launch: Launch,
) -> None:
    """Its heartbeat set to just over 90 s ago, a build is stopped within one interval."""
    target = await launch.system({THRESHOLD: None, INTERVAL: None}, workers=1)
    job, heartbeat = await _silent_job(target)

    await _age(redis_of(target), heartbeat, by_s=DEFAULT.stale_threshold_s + 1.0)

    within_s = DEFAULT.watchdog_interval_s + DEFAULT.cancel_effect_s
    stopped = await stops(job, within_s=within_s, unread=True)
    expect_that(
        stopped,
        expected=f"a build silent for 91 s is stopped within {within_s:.0f} s",
        actual="it still worked then",
        jobs=job,
    )


@requirement("WDOG-009", wait=lambda _: DEFAULT.watchdog_interval_s + 1.0)
async def test_by_default_a_build_is_not_reclaimed_before_90_seconds_of_silence(
    launch: Launch,
) -> None:
    """Its heartbeat kept at 85 s ago for a whole interval, a build is left alone."""
    target = await launch.system({THRESHOLD: None, INTERVAL: None}, workers=1)
    job, heartbeat = await _silent_job(target)

    async with _kept_aged(redis_of(target), heartbeat, by_s=DEFAULT.stale_threshold_s - 5.0):
        aged_s = target.history.now_s()
        lived = await work_goes_on(job, past_s=aged_s + DEFAULT.watchdog_interval_s + 1.0)

    expect_that(
        lived,
        expected="a build silent for 85 s still works after one more interval",
        actual=f"it stopped after {job.sightings[-1].at_s - aged_s:.1f} s",
        jobs=job,
    )


async def _silent_job(target: System) -> tuple[Job, Key]:
    job = await target.submit(WORK)
    await work_begun(job)
    reply = await target.poll(job)
    heartbeat, _ = await eventually(
        lambda: redis_of(target).heartbeat_of(job.id), bool, within_s=target.timings.answer_s
    )
    if reply.status != 200 or heartbeat is None:
        raise Inconclusive("no key of the polled job holds a recent time: no heartbeat was found")
    return job, heartbeat


@asynccontextmanager
async def _kept_aged(redis: RedisView, heartbeat: Key, *, by_s: float) -> AsyncIterator[None]:
    """Hold a heartbeat at the same age, which time would otherwise raise."""

    async def keep() -> None:
        while True:
            await _age(redis, heartbeat, by_s=by_s)
            await asyncio.sleep(AGEING_S)

    await _age(redis, heartbeat, by_s=by_s)
    async with beside(keep(), who="what held the heartbeat's age"):
        yield


async def _age(redis: RedisView, heartbeat: Key, *, by_s: float) -> None:
    """Let a heartbeat be `by_s` old by Redis's clock."""
    await redis.put(heartbeat, f"{await redis.now_s() - by_s:.3f}")
