"""The counters of heartbeat trouble
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Response body, cancel_stats.activity_…).

Which worker writes a heartbeat is the target's affair, so any may count a failed write; reading
is the watchdog's business, which is the owner's.
"""

from __future__ import annotations

from queueproof.case import (
    CounterDelta,
    Inconclusive,
    Job,
    Probe,
    System,
    Timings,
    beside,
    eventually,
    in_words,
    require_answer,
    requirement,
)
from queueproof.case_helpers.redis_location import redis_of
from queueproof.faults import injected
from queueproof.faults.refused_command import RefusedCommand
from queueproof.targets.redis_view import Key

RUNNING = Probe(ticks=200, interval_s=0.2)
GARBAGE = "the day before yesterday"
TOUCH = "activity_touch_errors"
GET = "activity_get_errors"
PARSE = "activity_parse_errors"


def some_looks(t: Timings) -> float:
    """Time enough for the watchdog to look at every job."""
    return 2 * t.watchdog_interval_s + t.answer_s


@requirement("MONI-017", alone=True)
async def test_a_failed_write_of_the_heartbeat_is_counted(target: System) -> None:
    """Redis refuses SET while a client polls: the heartbeat stays old, and errors are counted."""
    tally = await CounterDelta.begin(target)
    job = await target.submit(RUNNING)
    heartbeat = await _heartbeat(target, job)
    fault = RefusedCommand(redis_of(target), "set", "setex", "psetex", "mset", "getset")
    async with injected(fault, target.history):
        written = await redis_of(target).get(heartbeat)
        async with beside(_poll_thrice(job), who="the polling client"):
            rise = await tally.rises(
                TOUCH, lambda seen: any(seen.values()), within_s=target.timings.answer_s
            )
        if await redis_of(target).get(heartbeat) != written:
            raise Inconclusive("the heartbeat was written all the same, by another command")

    await tally.expect_that(
        any(rise.values()),
        expected=f"{TOUCH} rises, for polls could not write the job's heartbeat",
        actual=in_words(TOUCH, rise),
        jobs=job,
    )


@requirement("MONI-018", alone=True, wait=some_looks)
async def test_a_failed_read_of_the_heartbeat_is_counted_on_the_owner(target: System) -> None:
    """Redis refuses GET: the owner's watchdog cannot look at its job, and counts that."""
    tally = await CounterDelta.begin(target)
    job = await target.submit(RUNNING)
    await _heartbeat(target, job)
    async with injected(RefusedCommand(redis_of(target), "get", "mget"), target.history):
        rise = await tally.rises(
            GET, lambda seen: seen[job.owner] > 0, within_s=some_looks(target.timings)
        )

    await tally.expect_that(
        rise[job.owner] > 0,
        expected=f"{GET} rises on the owner, worker {job.owner}",
        actual=in_words(GET, rise),
        jobs=job,
    )


@requirement("MONI-019", alone=True, wait=some_looks)
async def test_a_malformed_heartbeat_is_counted_on_the_owner_alone(target: System) -> None:
    """Garbage in the heartbeat's key is counted by the owner's watchdog, and by no other."""
    tally = await CounterDelta.begin(target)
    job = await target.submit(RUNNING)
    heartbeat = await _heartbeat(target, job)
    await redis_of(target).put(heartbeat, GARBAGE)

    rise = await tally.rises(
        PARSE, lambda seen: seen[job.owner] > 0, within_s=some_looks(target.timings)
    )

    if await redis_of(target).get(heartbeat) != GARBAGE and not any(rise.values()):
        raise Inconclusive("the target has overwritten the malformed heartbeat")
    elsewhere = {worker: by for worker, by in rise.items() if worker != job.owner and by}
    await tally.expect_that(
        rise[job.owner] > 0 and not elsewhere,
        expected=f"{PARSE} rises on the owner, worker {job.owner}, and nowhere else",
        actual=in_words(PARSE, rise),
        jobs=job,
    )


async def _heartbeat(target: System, job: Job) -> Key:
    require_answer(await target.poll(job, via=job.owner), 200, to="a poll")
    key, _ = await eventually(
        lambda: redis_of(target).heartbeat_of(job.id), bool, within_s=target.timings.answer_s
    )
    if key is None:
        raise Inconclusive("no key of the polled job holds a recent time: no heartbeat was found")
    return key


async def _poll_thrice(job: Job) -> None:
    for _ in range(3):
        await job.system.poll(job, via=job.owner)
