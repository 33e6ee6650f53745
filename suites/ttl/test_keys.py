"""How long a job's keys live in Redis
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference).

The setting speaks of stream and ownership keys. Key names are the target's affair, so every key
that names the job counts as one of these, save the client's heartbeat: that one must expire, too,
but has a life of its own.
"""

from __future__ import annotations

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    eventually,
    expect_that,
    read_stream,
    read_to_end,
    read_until_tick,
    requirement,
)
from queueproof.case_helpers.redis_location import redis_of
from queueproof.running.launch import Launch
from queueproof.targets.redis_view import Key

_TTL = "LANGFLOW_REDIS_QUEUE_TTL"
_DEFAULT_S = 3600.0
_LONG_S = 30 * 86_400.0
_MINUTE_S = 60.0
_QUICK = Probe(ticks=3, interval_s=0.05)
_BRIEFLY_S = 1.0
_ROUNDING_S = 1.0


@requirement("TTL-001")
async def test_every_key_of_a_job_has_a_time_to_live(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """While the job runs and after its end, no key is without one or beyond what is set."""
    job = await target.submit(Probe(ticks=12, interval_s=0.2), via=workers[0])

    async with target.stream(job, via=workers[-1]) as stream:
        await read_until_tick(stream, 2)
        if not await _keys(job):
            raise Inconclusive("no key in Redis names the job, even while it runs")
        # What is just being made is given a moment, which the job outlasts.
        running = await _keys_beyond_the_limit(job)
        await read_to_end(stream)
    finished = await _keys_beyond_the_limit(job)

    beyond = [*running, *finished]
    expect_that(
        not beyond,
        expected=f"every key expires, after {target.timings.stream_ttl_s:.0f} s at most",
        actual="; ".join(beyond),
        jobs=job,
    )


@requirement("TTL-002", wait=lambda timings: timings.stream_ttl_s)
async def test_the_keys_of_a_finished_job_vanish(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Once the time to live is over after the job's end, none of its keys is left."""
    job = await target.submit(Probe(ticks=3, interval_s=0.05), via=workers[0])
    await _expect_over(job, via=workers[-1])
    if not await _keys(job):
        raise Inconclusive("no key in Redis names the job")
    within_s = target.timings.stream_ttl_s + target.timings.answer_s

    left, gone = await eventually(lambda: _keys(job), lambda keys: not keys, within_s=within_s)

    expect_that(
        gone,
        expected=f"no key of the job left {target.timings.stream_ttl_s:.0f} s after its end",
        actual=f"{within_s:.0f} s after it: " + "; ".join(key.life for key in left),
        jobs=job,
    )


@requirement("TTL-003")
async def test_the_default_time_to_live_is_3600_seconds(launch: Launch) -> None:
    """Without the setting a finished job's keys have just under an hour to live."""
    target = await launch.system({_TTL: None}, workers=1)
    job = await target.submit(Probe(ticks=3, interval_s=0.05), via=target.workers[0])
    await _expect_over(job, via=target.workers[0])

    keys = await _keys(job)

    if not keys:
        raise Inconclusive("no key in Redis names the job")
    lives = [key.ttl_s for key in keys]
    expect_that(
        all(life is not None and abs(life - _DEFAULT_S) <= _MINUTE_S for life in lives),
        expected=f"keys that live {_DEFAULT_S:.0f} s",
        actual="; ".join(key.life for key in keys),
        jobs=job,
    )


@requirement("TTL-010")
async def test_a_time_to_live_of_thirty_days_is_as_long_as_that(
    target: System, workers: tuple[Worker, ...], launch: Launch
) -> None:
    """It is more than 32 bits of milliseconds; the keys of a job are kept, with so much left."""
    usual = await target.submit(_QUICK, via=workers[0])
    if not await _keys_that_appear(usual):
        raise Inconclusive("no key in Redis names a job, however long it shall live")
    patient = await launch.system({_TTL: str(int(_LONG_S))}, workers=1)
    job = await patient.submit(_QUICK, via=patient.workers[0])

    keys = await _keys_that_appear(job)

    expect_that(
        any(abs((key.ttl_s or 0.0) - _LONG_S) <= _MINUTE_S for key in keys),
        expected=f"keys of the job that live {_LONG_S:.0f} s",
        actual="; ".join(key.life for key in keys) or "no key names it, as keys name other jobs",
        jobs=job,
    )


async def _keys_that_appear(job: Job) -> list[Key]:
    return (await eventually(lambda: _keys(job), bool, within_s=job.system.timings.answer_s))[0]


async def _expect_over(job: Job, *, via: Worker) -> None:
    """The life of a finished job's keys is about a job that has ended."""
    delivered = await read_stream(job, via=via)
    if delivered.ending is not Ending.COMPLETED:
        raise Inconclusive(f"the job did not complete: {delivered.ending.value}")


async def _keys_beyond_the_limit(job: Job) -> list[str]:
    """Keys that live too long, in words; one that is just being made is given a moment."""
    limit_s = job.system.timings.stream_ttl_s + _ROUNDING_S
    heartbeat = await redis_of(job.system).heartbeat_of(job.id, in_any_unit=True)

    async def beyond() -> list[Key]:
        return [
            key
            for key in await redis_of(job.system).keys_of(job.id)
            if key.ttl_s is None or (key.ttl_s > limit_s and not _same(key, heartbeat))
        ]

    keys, _ = await eventually(beyond, lambda keys: not keys, within_s=_BRIEFLY_S)
    return [key.life for key in keys]


async def _keys(job: Job) -> list[Key]:
    """The keys that name the job, save its client's heartbeat."""
    heartbeat = await redis_of(job.system).heartbeat_of(job.id, in_any_unit=True)
    return [key for key in await redis_of(job.system).keys_of(job.id) if not _same(key, heartbeat)]


def _same(key: Key, other: Key | None) -> bool:
    return other is not None and key.name == other.name
