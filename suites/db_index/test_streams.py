"""Build events are stored in Redis Streams
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

from queueproof.case import Inconclusive, Probe, System, Worker, expect_that, requirement
from queueproof.case_helpers.key_contents import contents_of
from queueproof.targets.reading import read_stream
from queueproof.targets.redis_view import Key, RedisView

_PROBE = Probe(ticks=6, interval_s=0.05)


@requirement("DBIX-007")
async def test_a_jobs_events_are_in_a_redis_stream(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """One of the job's keys is a stream, with an entry for every tick at least."""
    redis = target.redis
    assert redis is not None
    job = await target.submit(_PROBE, via=workers[0])
    await read_stream(job, via=workers[-1])

    keys = await redis.keys_of(job.id)

    if not keys:
        raise Inconclusive("no key in Redis names the job")
    streams = [key for key in keys if key.type == "stream"]
    if not streams and not (elsewhere := [key for key in keys if await _holds_ticks(redis, key)]):
        raise Inconclusive("no key that names the job holds its events, of whatever type")
    expect_that(
        bool(streams),
        expected="the job's events in a key of type stream",
        actual=", ".join(f"{key.name} with its ticks is a {key.type}" for key in elsewhere)
        if not streams
        else "",
        jobs=job,
    )


async def _holds_ticks(redis: RedisView, key: Key) -> bool:
    """Whether a key of another type than a stream holds a tick's text."""
    return "tick-" in await contents_of(redis, key.index, key.name)
