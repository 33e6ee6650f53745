"""What jobs leave in Redis that did not simply complete
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference).

A job that failed, was cancelled, was dropped by its reader or abandoned by its client has keys like
any other, and they live no longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from queueproof.case import (
    Inconclusive,
    Job,
    Probe,
    System,
    Timings,
    Worker,
    eventually,
    expect_that,
    poll_until_terminal,
    poll_until_tick,
    read_stream,
    read_until_tick,
    require_over,
    requirement,
)
from queueproof.case_helpers.key_contents import contents_of
from queueproof.case_helpers.redis_location import redis_of
from queueproof.running.launch import Launch
from queueproof.targets.redis_view import Key, RedisView

_ENDLESS = Probe(ticks=3000, interval_s=0.1, witnessed=True)
_ROUNDING_S = 1.0
_BRIEFLY_S = 1.0
#: The first of the jobs to end must still have its keys when the last one has.
_TTL_S = 4
_SHORT = {
    "LANGFLOW_REDIS_QUEUE_TTL": str(_TTL_S),
    "LANGFLOW_REDIS_QUEUE_CANCEL_MARKER_TTL": str(_TTL_S),
}

Way = Callable[[System, tuple[Worker, ...]], Awaitable[Job]]


async def failed(target: System, workers: tuple[Worker, ...]) -> Job:
    """A job whose component raised."""
    job = await target.submit(Probe(ticks=4, interval_s=0.05, fail_at=2), via=workers[0])
    await read_stream(job, via=workers[-1])
    return job


async def polled(target: System, workers: tuple[Worker, ...]) -> Job:
    """A job that was polled to its end, on two workers."""
    job = await target.submit(Probe(ticks=4, interval_s=0.05), via=workers[0])
    await poll_until_terminal(job, via=iter([workers[0], workers[-1]] * 500))
    return job


async def cancelled(target: System, workers: tuple[Worker, ...]) -> Job:
    """A job that was polled, and cancelled through another worker, twice."""
    job = await target.submit(_ENDLESS, via=workers[0])
    await poll_until_tick(job, 1, via=workers[-1])
    for at in (workers[-1], workers[0]):
        await target.cancel(job, via=at)
    return job


async def dropped(target: System, workers: tuple[Worker, ...]) -> Job:
    """A job whose only reader closed the stream, and which was cancelled by that."""
    job = await target.submit(_ENDLESS, via=workers[0])
    async with target.stream(job, via=workers[-1]) as stream:
        await read_until_tick(stream, 1)
    return job


async def read_when_over(target: System, workers: tuple[Worker, ...]) -> Job:
    """A job that is polled when it is over, for the first time, and streamed once more."""
    job = await target.submit(Probe(ticks=2, interval_s=0.05), via=workers[0])
    await read_stream(job, via=workers[0])
    await poll_until_terminal(job, via=workers[-1])
    await read_stream(job, via=workers[-1])
    return job


WAYS: dict[str, Way] = {
    "a failed job": failed,
    "a polled job": polled,
    "a cancelled job": cancelled,
    "a job whose reader left": dropped,
    "a job that was read when it was over": read_when_over,
}


def ripe(t: Timings) -> float:
    """How long until the last key of a job that is over must be gone."""
    return max(t.stream_ttl_s, t.cancel_marker_ttl_s)


@requirement("TTL-001")
async def test_the_keys_of_jobs_that_did_not_complete_have_a_time_to_live(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """However a job ended, none of its keys stays for ever, or longer than set."""
    jobs = await _jobs(target, workers)
    limit_s = ripe(target.timings) + _ROUNDING_S

    async def beyond() -> list[str]:
        found = []
        for what, job in jobs.items():
            heartbeat = await redis_of(job.system).heartbeat_of(job.id, in_any_unit=True)
            known = "" if heartbeat is None else heartbeat.name
            keys = await redis_of(job.system).keys_of(job.id)
            found += [f"{what}: {key.life}" for key in keys if _outlives(key, limit_s, known)]
        return found

    left, _ = await eventually(
        beyond, lambda keys: not keys, within_s=target.timings.cancel_effect_s + _BRIEFLY_S
    )

    expect_that(
        not left,
        expected=f"every key expires, after {limit_s:.0f} s at most",
        actual="; ".join(left),
        jobs=tuple(jobs.values()),
    )


@requirement("TTL-002", wait=ripe)
async def test_the_keys_of_jobs_that_did_not_complete_vanish(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Once the time to live is over, none of their keys is left."""
    jobs = await _jobs(target, workers)
    if not any([await redis_of(job.system).keys_of(job.id) for job in jobs.values()]):
        raise Inconclusive("no key in Redis names any of the jobs")
    timings = target.timings
    within_s = ripe(timings) + timings.cancel_effect_s + timings.answer_s

    async def left() -> list[str]:
        found = []
        for what, job in jobs.items():
            heartbeat = await redis_of(job.system).heartbeat_of(job.id, in_any_unit=True)
            keys = [k for k in await redis_of(job.system).keys_of(job.id) if k != heartbeat]
            found += [f"{what}: {key.life}" for key in keys]
        return found

    remaining, gone = await eventually(left, lambda keys: not keys, within_s=within_s)

    if not gone:
        await require_over(jobs)
    expect_that(
        gone,
        expected=f"no key of theirs left {ripe(timings):.0f} s after their ends",
        actual=f"{within_s:.0f} s after: " + "; ".join(remaining),
        jobs=tuple(jobs.values()),
    )


@requirement("TTL-009", wait=lambda _: 2.0 * _TTL_S)
async def test_nothing_in_redis_names_a_job_whose_time_to_live_is_over(launch: Launch) -> None:
    """Neither the names of keys nor what is in them: not in sets, hashes, lists or texts."""
    lane = await launch.lane(_SHORT, workers=2)
    system = lane.system
    redis = RedisView(lane.redis.url(), ours=True)
    try:
        jobs = await _jobs(system, system.workers)
        seen = await _naming(redis, jobs)
        # A heartbeat has a life of its own, which must outlast the threshold.
        timings = system.timings
        within_s = _TTL_S + ripe(timings) + 2 * timings.stale_threshold_s + timings.answer_s
        left, gone = await eventually(
            lambda: _naming(redis, jobs), lambda names: not names, within_s=within_s
        )
    finally:
        await redis.close()

    if not seen:
        raise Inconclusive("nothing in Redis ever named the jobs")
    if not gone:
        await require_over(jobs)
    expect_that(
        gone,
        expected=f"nothing names them {within_s:.0f} s after their ends, with a life of {_TTL_S} s",
        actual="; ".join(left[:4]),
        jobs=tuple(jobs.values()),
    )


async def _jobs(target: System, workers: tuple[Worker, ...]) -> dict[str, Job]:
    """One job of each way to end."""
    made = await asyncio.gather(*(way(target, workers) for way in WAYS.values()))
    return dict(zip(WAYS, made, strict=True))


async def _naming(redis: RedisView, jobs: dict[str, Job]) -> list[str]:
    """Keys that name one of the jobs, in their name or in what they hold."""
    found = []
    for index in await redis.sizes():
        async for name in redis.names(index):
            held = f"{name} {await contents_of(redis, index, name)}"
            found += [f"{name} names {what}" for what, job in jobs.items() if job.id in held]
    return found


def _outlives(key: Key, limit_s: float, heartbeat: str) -> bool:
    return key.ttl_s is None or (key.ttl_s > limit_s and key.name != heartbeat)
