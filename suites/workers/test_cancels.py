"""Cancels that reach a worker in spite of what became of its channel (completes `queueproof, "Any
other queue"`, Workers).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    NotAssessed,
    Probe,
    System,
    cancel_running,
    expect_that,
    requirement,
    stops,
    work_begun,
)
from queueproof.running.launch import Launch
from queueproof.targets.redis_view import command

LONG = Probe(ticks=200, interval_s=0.1, witnessed=True)
#: Longer than the socket timeouts that workers are commonly given in tests, and than a worker's
#: time to live of twenty seconds.
IDLE_S = 25.0
SETTLED_S = 2.0


@requirement("WORK-002", wait=lambda t: IDLE_S + t.cancel_effect_s)
async def test_a_cancel_stops_a_job_after_an_idle_time(launch: Launch) -> None:
    """The worker has done nothing for longer than its connections like to wait."""
    target = (await launch.lane(workers=1)).system
    await asyncio.sleep(IDLE_S)

    await _expect_stopped(target, after=f"{IDLE_S:.0f} s without a job")


@requirement("WORK-003", wait=lambda t: SETTLED_S + t.recovery_s + t.cancel_effect_s)
async def test_a_cancel_stops_a_job_after_subscriptions_were_lost(launch: Launch) -> None:
    """Redis closes every connection that subscribes, once; the workers have time to come back."""
    lane = await launch.lane(workers=1)
    target = lane.system
    assert target.redis is not None
    await asyncio.sleep(SETTLED_S)
    killed = await command(target.redis.client(), "CLIENT", "KILL", "TYPE", "pubsub")
    if not killed:
        raise NotAssessed("no connection subscribes: there is nothing to lose")
    await asyncio.sleep(target.timings.recovery_s)

    await _expect_stopped(target, after=f"{killed} subscriptions were lost")


async def _expect_stopped(target: System, *, after: str) -> None:
    job = await target.submit(LONG)
    await work_begun(job)
    await cancel_running(job)
    expect_that(
        await stops(job, within_s=target.timings.cancel_effect_s),
        expected=f"the work to stop within {target.timings.cancel_effect_s} s of the cancel's "
        "success",
        actual=f"it goes on: {len(job.sightings)} steps were done; before it, {after}",
        jobs=job,
    )
