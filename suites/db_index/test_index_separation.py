"""The queue has a database index of its own ("Prerequisites")."""

from __future__ import annotations

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    NotAssessed,
    Probe,
    System,
    Worker,
    eventually,
    expect,
    expect_that,
    read_counters,
    read_stream,
    requirement,
    throughout,
)
from queueproof.case_helpers.boot_expectations import expect_start, report
from queueproof.faults import injected
from queueproof.faults.flush import FlushedIndex
from queueproof.running.launch import Launch
from queueproof.targets.langflow.settings import DEFAULTED
from queueproof.targets.redis_view import RedisView

CACHE_INDEX = 0
HEARD_WITHIN_S = 1.0
#: Queue, cache, and that they are at one place.
COLLISION = report(
    r"queue",
    r"cache",
    r"\b(collid\w+|collisions?|conflict\w*|clash\w*|overlap\w*"
    r"|must (not|differ|be (different|separate))|(same|one|share[sd]?( the| a)?)( redis)?"
    r"( database)? (index|indexes|db|database))\b",
)


@requirement("DBIX-001")
async def test_a_jobs_keys_are_in_the_queues_index_and_in_no_other(target: System) -> None:
    """Neither the running job nor its cancel leaves a key at another index."""
    queue = queue_index(target)
    job = await target.submit(Probe(ticks=40, interval_s=0.05))
    await eventually(lambda: indexes_of(job), bool, within_s=target.timings.answer_s)
    running = await indexes_of(job)
    reply = await target.cancel(job)

    found = running | await indexes_of(job)

    if not found:
        raise Inconclusive("no key carries the job's id")
    expect_that(
        found == {queue},
        expected=f"the job's keys are at index {queue} alone",
        actual=f"keys at index {', '.join(map(str, sorted(found)))}",
        jobs=job,
    )
    if not reply.claims_success:
        raise Inconclusive(f"the cancel was not taken: {reply.words}")


@requirement("DBIX-001")
async def test_a_failed_jobs_keys_are_in_the_queues_index_and_in_no_other(target: System) -> None:
    """What is kept of a failure is kept where the job is."""
    queue = queue_index(target)
    job = await target.submit(Probe(ticks=4, interval_s=0.05, fail_at=2))
    delivered = await read_stream(job, via=job.owner)
    if delivered.ending is not Ending.FAILED:
        raise Inconclusive(f"the job did not fail: {delivered.ending.value}")

    found = await indexes_of(job)

    if not found:
        raise Inconclusive("no key carries the job's id")
    expect_that(
        found == {queue},
        expected=f"the failed job's keys are at index {queue} alone",
        actual=f"keys at index {', '.join(map(str, sorted(found)))}",
        jobs=job,
    )


@requirement("DBIX-002", alone=True, workers=2)
async def test_flushing_the_caches_index_does_not_touch_jobs(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A build that runs while index 0 is flushed is delivered whole, on another worker."""
    if queue_index(target) == CACHE_INDEX:
        raise NotAssessed("the queue itself is at index 0: flushing it would lose jobs by right")
    assert target.redis is not None
    job = await target.submit(Probe(ticks=12, interval_s=0.1), via=workers[0])
    await eventually(lambda: indexes_of(job), bool, within_s=target.timings.answer_s)

    async with injected(FlushedIndex(target.redis, CACHE_INDEX), target.history):
        delivered = await read_stream(job, via=workers[-1])

    expect(delivered).to_have_lost_nothing()


@requirement("DBIX-003")
async def test_a_queue_on_the_caches_own_index_is_refused_or_reported(launch: Launch) -> None:
    """Cache and queue at index 0 of one server do not start silently, though one names the server
    and the other has its address.
    """
    boot = await launch.attempt(
        {
            "LANGFLOW_REDIS_QUEUE_URL": f"redis://127.0.0.1:{{redis_port}}/{CACHE_INDEX}",
            "LANGFLOW_CACHE_TYPE": "redis",
            "LANGFLOW_REDIS_HOST": "localhost",
            "LANGFLOW_REDIS_PORT": "{redis_port}",
            "LANGFLOW_REDIS_DB": str(CACHE_INDEX),
            "LANGFLOW_WORKERS": "1",
        }
    )

    await expect_start(boot, usual=[await launch.usual()]).to_be_refused_or_reported(
        expected="queue and cache on one index of one server are refused or reported",
        report=COLLISION,
    )


@requirement("DBIX-006")
async def test_deployments_on_different_indexes_do_not_hear_each_others_cancels(
    launch: Launch,
) -> None:
    """A cancel across the workers of one deployment moves no counter of the other."""
    one = await launch.shared(DEFAULTED)
    url = f"redis://127.0.0.1:{one.redis.port}/2"
    other = await launch.system({"LANGFLOW_REDIS_QUEUE_URL": url}, workers=1, redis=one.redis)
    before = await heard(other)
    job = await one.system.submit(Probe(ticks=60, interval_s=0.05), via=one.system.workers[0])
    published = await count(one.system, "published")
    await one.system.cancel(job, via=one.system.workers[-1])
    if await count(one.system, "published") <= published:
        raise Inconclusive("the cancel was not published")

    after, deaf = await throughout(
        lambda: heard(other), lambda now: now == before, for_s=HEARD_WITHIN_S
    )

    expect_that(
        deaf,
        expected="the deployment at index 2 hears no cancel of the deployment at index 1",
        actual=f"its dispatched counters rose by {after - before}",
        jobs=job,
    )


def queue_index(system: System) -> int:
    """The queue's database index, as the Redis URL says."""
    assert system.redis is not None
    if system.redis.cluster is not None:
        raise NotAssessed("Redis is a Cluster, which has one database index: nothing can collide")
    if system.redis.index is None:
        raise NotAssessed("the Redis URL names no database index")
    return system.redis.index


async def indexes_of(job: Job) -> set[int]:
    """Database indexes that hold keys of the job."""
    redis: RedisView | None = job.system.redis
    assert redis is not None
    look = await redis.look(job.id, everywhere=True)
    if look.took_s >= job.system.timings.stream_ttl_s:
        raise Inconclusive(f"a look into Redis takes {look.took_s:.1f} s, and a key lives less")
    return {key.index for key in look.keys}


async def heard(system: System) -> int:
    """How many cancel signals the deployment's workers have heard."""
    return await count(system, "dispatched_owned") + await count(system, "dispatched_foreign")


async def count(system: System, counter: str) -> int:
    """One counter, over all workers."""
    counters = await read_counters(system)
    if any(counter not in numbers for numbers in counters.values()):
        raise Inconclusive(f"a monitor has no number {counter}")
    return sum(numbers[counter] for numbers in counters.values())
