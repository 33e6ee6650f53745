"""The cancel marker and its life
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference,
LANGFLOW_REDIS_QUEUE_CANCEL_MARKER_TTL).

The marker is recognised by what it is: a key of the job that the cancel brought into being.
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Job,
    Probe,
    System,
    Violation,
    eventually,
    expect_that,
    read_until_tick,
    requirement,
)
from queueproof.case_helpers.redis_location import redis_of
from queueproof.targets.redis_view import Key

RUNNING = Probe(ticks=300, interval_s=0.2)
SLACK_S = 1.0


@requirement("CANC-012", workers=2)
async def test_a_cancel_leaves_a_marker_with_the_time_to_live_that_was_set(
    target: System,
) -> None:
    """The key that a cancel leaves expires after the marker's time to live, counted from then."""
    set_s = target.timings.cancel_marker_ttl_s
    job, before_s, markers = await _cancelled(target)

    passed_s = target.history.now_s() - before_s
    fitting = [
        key
        for key in markers
        if key.ttl_s is not None and set_s - passed_s - SLACK_S <= key.ttl_s <= set_s + SLACK_S
    ]
    expect_that(
        bool(fitting),
        expected=f"the cancel's key lives {set_s:.0f} s",
        actual=", ".join(f"{key.name}: {_life(key)}" for key in markers),
        jobs=job,
    )


@requirement("CANC-012", workers=2, wait=lambda t: t.cancel_marker_ttl_s + SLACK_S)
async def test_the_marker_is_gone_after_its_time_to_live(target: System) -> None:
    """Nothing renews the key that a cancel left."""
    redis = redis_of(target)
    job, _, markers = await _cancelled(target)
    names = {key.name for key in markers}

    async def left() -> set[str]:
        return {key.name for key in await redis.keys_of(job.id)} & names

    within_s = target.timings.cancel_marker_ttl_s + SLACK_S
    remaining, _ = await eventually(left, lambda keys: not keys, within_s=within_s)
    expect_that(
        not remaining,
        expected=f"the cancel's key is gone after {target.timings.cancel_marker_ttl_s:.0f} s",
        actual=f"{', '.join(sorted(remaining))} is still there",
        jobs=job,
    )


async def _cancelled(target: System) -> tuple[Job, float, list[Key]]:
    """Cancel a job through another worker: the job, when, and the keys that this made."""
    redis = redis_of(target)
    job = await target.submit(RUNNING)
    async with target.stream(job, via=job.owner) as stream:
        await read_until_tick(stream, 0)
        before = {key.name for key in await redis.keys_of(job.id)}
        cancelled_s = target.history.now_s()
        reply = await target.cancel(job, via=target.others(job.owner)[0])
    if not reply.claims_success:
        raise Inconclusive(f"the cancel was not taken: {reply.words}")
    look = await redis.look(job.id, everywhere=redis.ours)
    if look.took_s >= target.timings.cancel_marker_ttl_s:
        raise Inconclusive(f"a look into Redis takes {look.took_s:.1f} s, and a marker lives less")
    keys = [key for key in look.keys if key.name not in before]
    markers = [key for key in keys if key.type != "stream"]
    if not markers and not look.complete:
        raise Inconclusive(
            "the cancel left no key that is called as the scratch job's were, and Redis holds too "
            "many to look for another"
        )
    if not markers:
        raise Violation(
            expected="a marker key in Redis after the cancel",
            actual="the cancel left no new key that carries the job's id",
            job_ids=(job.id,),
        )
    return job, cancelled_s, markers


def _life(key: Key) -> str:
    return "no time to live" if key.ttl_s is None else f"{key.ttl_s:.1f} s to live"
