"""The watchdog after its first kill, beside a heartbeat without sense, and after an outage
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress

import httpx

from queueproof.case import (
    Access,
    Inconclusive,
    Job,
    Kind,
    Probe,
    System,
    Worker,
    beside,
    eventually,
    expect_that,
    requirement,
    still_working,
    stops,
    work_begun,
    work_goes_on,
)
from queueproof.case_helpers.moments import pass_time
from queueproof.config.deadlines import reclaimed_within_s
from queueproof.faults import injected
from queueproof.faults.refused_command import RefusedCommand
from queueproof.faults.shared.signalled_process import FrozenProcess
from queueproof.history import current_case
from queueproof.running.launch import Launch

_WORK = Probe(ticks=3000, interval_s=0.2, witnessed=True)
_GARBAGE = "the day before yesterday"
_THRESHOLD_S = 2.0
_FROZEN_S = 2.2 * _THRESHOLD_S
_POLL_EVERY_S = 0.3
_SETTING = "LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S"
_BRISK = {_SETTING: str(_THRESHOLD_S)}


@requirement("WDOG-001", workers=2, wait=lambda t: 2 * reclaimed_within_s(t))
async def test_a_build_that_is_abandoned_after_another_was_reclaimed_is_stopped(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """One build of a worker, and when it was reclaimed more than there are looks in time for, left
    together: all are stopped.
    """
    first = await _abandoned(target, workers[0])
    if not await stops(first, unread=True):
        raise Inconclusive("the first abandoned build was not reclaimed")
    looks = math.ceil(target.timings.cancel_effect_s / max(0.5, target.timings.watchdog_interval_s))
    later = await asyncio.gather(*(_abandoned(target, workers[0]) for _ in range(looks + 2)))

    left = await still_working(later, unread=True)

    apart_s = _left_apart(target, later)
    if not left and apart_s >= target.timings.watchdog_interval_s:
        raise Inconclusive(f"they were left {apart_s:.1f} s apart: one in each look is in time")
    expect_that(
        not left,
        expected=f"no tick of any later than {reclaimed_within_s(target.timings):.1f} s after its "
        "client's last poll",
        actual=f"{len(left)} of {len(later)} builds still worked then; one before them was stopped",
        jobs=tuple(left),
    )


def _left_apart(target: System, jobs: Sequence[Job]) -> float:
    """How long after the first of them the last one was polled for the last time."""
    polls = [one for one in target.history.of_case(current_case.get()) if one.kind == "poll"]
    last = [max(one.ended_s or 0.0 for one in polls if one.job == job.id) for job in jobs]
    return max(last) - min(last)


@requirement("WDOG-001", access=Access.LAUNCH, wait=lambda _: 2 * _THRESHOLD_S)
async def test_a_build_that_is_abandoned_after_looks_that_failed_is_stopped(launch: Launch) -> None:
    """For a while Redis refuses to tell a heartbeat; a build that is abandoned then is stopped."""
    target = await launch.system({_SETTING: "0.9"}, workers=1)
    redis, worker = target.redis, target.workers[0]
    assert redis is not None
    await _abandoned(target, worker)
    async with injected(RefusedCommand(redis, "get", "mget"), target.history):
        await pass_time(target, 2.5 * target.timings.watchdog_interval_s)

    abandoned = await _abandoned(target, worker)
    stopped = await stops(abandoned, unread=True)

    expect_that(
        stopped,
        expected=f"an abandoned build stopped within {reclaimed_within_s(target.timings):.1f} s",
        actual="it still worked then; before it, heartbeats could not be read for a while",
        jobs=abandoned,
    )


@requirement("WDOG-011", access=Access.LAUNCH, wait=lambda _: 2.0)
async def test_a_malformed_heartbeat_does_not_spare_other_abandoned_builds(launch: Launch) -> None:
    """Beside a build with garbage in its heartbeat an abandoned one is reclaimed in time.

    The threshold is a fraction of a second: one that was cut to whole seconds would be none.
    """
    target = await launch.system({_SETTING: "0.9"}, workers=1)
    redis, worker = target.redis, target.workers[0]
    assert redis is not None
    spoilt = await _abandoned(target, worker)
    key, _ = await eventually(
        lambda: redis.heartbeat_of(spoilt.id), bool, within_s=target.timings.answer_s
    )
    if key is None:
        raise Inconclusive("no key of the job holds a recent time, so no heartbeat was found")
    await redis.put(key, _GARBAGE)

    abandoned = await _abandoned(target, worker)
    stopped = await stops(abandoned, unread=True)

    expect_that(
        stopped,
        expected=f"an abandoned build stopped within {reclaimed_within_s(target.timings):.1f} s",
        actual="it still worked then, beside one whose heartbeat makes no sense",
        jobs=abandoned,
    )


@requirement("WDOG-012", wait=lambda _: 4 * _THRESHOLD_S)
async def test_an_outage_of_redis_is_not_held_against_clients(launch: Launch) -> None:
    """Redis hangs for longer than the threshold; a build that is polled and one that is streamed
    all the while go on after it.
    """
    lane = await launch.lane(_BRISK, workers=2)
    target = lane.system
    owner, other = target.workers[0], target.workers[-1]
    jobs = [await target.submit(_WORK, via=owner) for _ in range(2)]
    await asyncio.gather(*(work_begun(job) for job in jobs))
    there = [asyncio.Event(), asyncio.Event()]
    async with (
        beside(_poll_on(jobs[0], other, there[0]), who="the client that polls"),
        beside(_stream_on(jobs[1], other, there[1]), who="the client that streams"),
    ):
        await _all_there(there, within_s=target.timings.recovery_s)
        async with injected(FrozenProcess(lane.redis.victim, "Redis"), target.history):
            await pass_time(target, _FROZEN_S)
        thawed_s = target.history.now_s()
        # Heartbeats that waited in Redis's sockets are written at the thaw: these count until then.
        past_s = thawed_s + _THRESHOLD_S + 2 * target.timings.watchdog_interval_s + 1.0
        lived = await asyncio.gather(*(work_goes_on(job, past_s=past_s) for job in jobs))

    dead = [
        f"the one that was {how}"
        for how, alive in zip(("polled", "streamed"), lived, strict=True)
        if not alive
    ]
    expect_that(
        not dead,
        expected=f"both builds work on after a hang of {_FROZEN_S:.1f} s",
        actual=f"{' and '.join(dead)} stopped",
        jobs=tuple(jobs),
    )


async def _abandoned(target: System, owner: Worker) -> Job:
    """A working build that was polled once."""
    job = await target.submit(_WORK, via=owner)
    await work_begun(job)
    reply = await target.poll(job, via=(target.others(owner) or [owner])[0])
    if reply.status != 200:
        raise Inconclusive(f"the poll was not answered: {reply.words}")
    return job


async def _all_there(there: Sequence[asyncio.Event], *, within_s: float) -> None:
    async def ready() -> bool:
        return all(event.is_set() for event in there)

    if not (await eventually(ready, bool, within_s=within_s))[1]:
        raise Inconclusive("the clients were not served even before the outage")


async def _poll_on(job: Job, via: Worker, there: asyncio.Event) -> None:
    while True:
        reply = await job.system.poll(job, via=via, within_s=60.0)
        if reply.kind is Kind.SUCCESS:
            there.set()
        await asyncio.sleep(_POLL_EVERY_S)


async def _stream_on(job: Job, via: Worker, there: asyncio.Event) -> None:
    """Read the stream, and open it again where it was refused or broke, as a client does that goes
    on.
    """
    while True:
        with suppress(Inconclusive, httpx.HTTPError):
            async with job.system.stream(job, via=via) as stream:
                while await stream.next_event(within_s=60.0) is not None:
                    there.set()
        await asyncio.sleep(_POLL_EVERY_S)
