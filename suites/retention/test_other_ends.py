"""What jobs leave in Redis that did not simply complete, and what a finished one must
(`Flowise, "Running Flowise using Queue"`, Queue Mode and 5. Completion & Response).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Kind,
    Probe,
    System,
    eventually,
    expect_that,
    new_job,
    predict,
    read_stream,
    read_until_tick,
    require_over,
    requirement,
)
from queueproof.case_helpers.redis_location import keys_beside, own_hash
from queueproof.running.launch import Launch

_ENDLESS = Probe(ticks=60, interval_s=0.2, witnessed=True)
_FAILING = Probe(ticks=8, interval_s=0.15, fail_at=6, witnessed=True)
_ABORTED, _LEFT = "an aborted job", "a job whose reader left"
_DEFAULT = 10_000
_LIMIT = "opts.maxLenEvents"


@requirement("RETN-004")
async def test_nothing_stays_without_end_of_jobs_that_did_not_complete(target: System) -> None:
    """Of one that was aborted, one that failed, and one whose reader left."""
    failed = await target.submit(_FAILING)
    own = {"a failed job": await own_hash(failed)}
    seen = await keys_beside(failed, own["a failed job"])
    await read_stream(failed)
    jobs = {"a failed job": failed}
    for what in (_ABORTED, _LEFT):
        jobs[what] = await target.submit(_ENDLESS)
        async with target.stream(jobs[what]) as stream:
            await read_until_tick(stream, 0)
            own[what] = await own_hash(jobs[what])
            seen += await keys_beside(jobs[what], own[what])
            if what == _ABORTED:
                await target.cancel(jobs[what])
    await target.cancel(jobs[_LEFT])
    if not seen:
        raise Inconclusive("no key bears a job's id, even while it runs")

    async def endless() -> list[str]:
        return [
            f"{what}: {key.name}"
            for what, job in jobs.items()
            for key in await keys_beside(job, own[what])
            if key.ttl_s is None
        ]

    within_s = target.timings.cancel_effect_s + target.timings.answer_s
    left, gone = await eventually(endless, lambda names: not names, within_s=within_s)

    if not gone:
        await require_over(jobs)
    expect_that(
        gone,
        expected="every key of these chats gone, or with a time to live",
        actual=f"without one: {', '.join(left[:3])}",
        jobs=tuple(jobs.values()),
    )


@requirement("RETN-005")
async def test_the_event_streams_default_length_is_ten_thousand(launch: Launch) -> None:
    """The queue's own record says so, which BullMQ keeps for whoever adds to the stream."""
    lane = await launch.lane({"QUEUE_REDIS_EVENT_STREAM_MAX_LEN": None}, workers=1)
    target = lane.system
    assert target.redis is not None
    redis = target.redis
    reply = await predict(new_job(target, Probe(ticks=1, interval_s=0.0)))
    if reply.kind is not Kind.SUCCESS:
        raise Inconclusive(f"a prediction was answered {reply.words}")

    names = [name async for name in redis.names(redis.home, "bull:*:meta")]
    said = {name: (await redis.fields(name)).get(_LIMIT, "") for name in names}

    lengths = {name: int(value) for name, value in said.items() if value.isdigit()}
    if not lengths:
        raise Inconclusive(f"no queue's record tells the length of its events: {names}")
    expect_that(
        _DEFAULT in lengths.values(),
        expected=f"an event stream of {_DEFAULT} entries by default",
        actual=", ".join(f"{name}: {value}" for name, value in lengths.items()),
    )


@requirement("RETN-006")
async def test_a_finished_jobs_result_is_in_redis(target: System) -> None:
    """The hash that holds the job's data holds its result, too, once it is answered."""
    assert target.redis is not None
    job = new_job(target, Probe(ticks=3, interval_s=0.02, words=(" result of this job",)))
    reply = await predict(job)
    if reply.kind is not Kind.SUCCESS:
        raise Inconclusive(f"the prediction was answered {reply.words}")
    name, fields = await target.redis.hash_with(job.key, within_s=target.timings.answer_s)
    if not name:
        raise Inconclusive("no hash holds the job's data: finished jobs are removed at once")

    held = await target.redis.fields(name)

    expect_that(
        any(reply.text in value for value in held.values()),
        expected=f"the result {reply.text!r} in the job's hash",
        actual=f"fields {', '.join(sorted(fields))}, none of which has it",
        jobs=job,
    )
