"""Where jobs are while they wait: BullMQ queues, told apart by their names
(`Flowise, "Running Flowise using Queue"`, Queue Mode and 2. Job Creation & Dual Channels).
"""

from __future__ import annotations

from queueproof.case import (
    Ending,
    Inconclusive,
    Probe,
    System,
    expect_that,
    read_stream,
    requirement,
    work_begun,
)
from queueproof.running.launch import Launch

LONG = Probe(ticks=20, interval_s=0.1, witnessed=True)
#: One key for both, so that nothing but the names keeps them apart.
_KEY = {"FLOWISE_SECRETKEY_OVERWRITE": "one-key-for-both"}
_FIELDS = {"name", "data", "opts", "timestamp"}


@requirement("QUEU-008")
async def test_a_job_is_a_bullmq_job_in_redis(target: System) -> None:
    """While it runs, a hash below the queue's keys holds its data and BullMQ's own fields."""
    assert target.redis is not None
    job = await target.submit(LONG)

    key, fields = await target.redis.hash_with(job.key, within_s=target.timings.answer_s)

    expect_that(
        key.startswith("bull:") and fields >= _FIELDS,
        expected=f"a hash bull:<queue>:<id> with {', '.join(sorted(_FIELDS))}",
        actual=f"{key or 'no hash that holds the question'} with {', '.join(sorted(fields))}",
        jobs=job,
    )


@requirement("QUEU-009")
async def test_the_queues_default_name_is_flowise_queue(launch: Launch) -> None:
    """A job of a target without a queue name waits below bull:flowise-queue."""
    target = (await launch.shared({"QUEUE_NAME": None}, workers=0)).system
    assert target.redis is not None
    job = await target.submit(LONG)

    key, _ = await target.redis.hash_with(job.key, within_s=target.timings.answer_s)

    expect_that(
        key.startswith("bull:flowise-queue"),
        expected="a job below bull:flowise-queue",
        actual=key or "no hash holds the question",
        jobs=job,
    )


@requirement("QUEU-007", wait=lambda _: 2.0)
async def test_two_queue_names_keep_two_deployments_apart(launch: Launch) -> None:
    """On one Redis, one target's worker does not take the job of the other, which has none.

    The names differ in the case of a letter alone.
    """
    redis = await launch.redis()
    idle = await launch.system({**_KEY, "QUEUE_NAME": "Busy"}, workers=0, redis=redis)
    busy = await launch.system({**_KEY, "QUEUE_NAME": "busy"}, workers=1, redis=redis)
    waiting = await idle.submit(LONG)
    control = await busy.submit(LONG)
    await work_begun(control)
    if (await read_stream(control)).ending is not Ending.COMPLETED:
        raise Inconclusive("the deployment with a worker does not complete its own job")

    expect_that(
        not waiting.sightings,
        expected="the job of the deployment without a worker waits",
        actual=f"it did {len(waiting.sightings)} ticks on the other deployment's worker",
        jobs=waiting,
    )
