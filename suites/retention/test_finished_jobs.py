"""What stays in Redis of jobs that are over (`Flowise, "Running Flowise using Queue"`, Queue Mode
and Method 1: Pre-built Images).
"""

from __future__ import annotations

import asyncio

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
    require_answer,
    requirement,
)
from queueproof.case_helpers.redis_location import keys_beside, own_hash
from queueproof.running.launch import Launch

BRIEF = Probe(ticks=1, interval_s=0.0)
FAILING = Probe(ticks=2, interval_s=0.0, fail_at=1)
LENGTH = 20
#: Redis trims whole nodes of a stream, 100 entries each by default; and a few to spare.
ABOUT = 120
STEADY = Probe(ticks=10, interval_s=0.1)
COUNT = 3
SEVERAL = 10
LONG_AGO_S = 12.0
BOUNDED = {"QUEUE_REDIS_EVENT_STREAM_MAX_LEN": str(LENGTH), "REMOVE_ON_COUNT": str(COUNT)}


@requirement("RETN-001")
async def test_the_event_stream_is_trimmed_to_about_its_length(launch: Launch) -> None:
    """After several hundred events the stream holds no more than a node or two above its length."""
    target = (await launch.shared(BOUNDED, workers=1)).system
    assert target.redis is not None
    added = 0
    for _ in range(12):
        await _run(target, SEVERAL)
        held, added = await target.redis.longest_stream("bull:*:events")
        if added > LENGTH + 2 * ABOUT:
            break
    if added <= LENGTH + ABOUT:
        raise Inconclusive(f"only {added} events were added to the queue's event stream")

    expect_that(
        held <= LENGTH + ABOUT,
        expected=f"about {LENGTH} entries, of {added} added",
        actual=f"{held} entries",
    )


@requirement("RETN-002")
async def test_finished_jobs_beyond_the_count_are_removed(launch: Launch) -> None:
    """Of ten finished jobs three stay."""
    target = (await launch.shared(BOUNDED, workers=1)).system
    assert target.redis is not None
    await _run(target, SEVERAL)

    left, _ = await eventually(
        lambda: _finished(target), lambda number: number <= COUNT, within_s=target.timings.answer_s
    )

    expect_that(
        0 < left <= COUNT,
        expected=f"{COUNT} finished jobs stay",
        actual=f"{left} stay",
    )


@requirement("RETN-002")
async def test_failed_jobs_beyond_the_count_are_removed(launch: Launch) -> None:
    """Of ten that failed three stay, if any does."""
    target = (await launch.shared(BOUNDED, workers=1)).system
    assert target.redis is not None
    jobs = [new_job(target, FAILING) for _ in range(SEVERAL)]
    replies = await asyncio.gather(*(predict(job) for job in jobs))
    odd = [reply.words for reply in replies if not reply.answered or reply.kind is Kind.SUCCESS]
    if odd:
        raise Inconclusive(f"a flow that fails was not told to have failed: {odd[0]}")

    left, few = await eventually(
        lambda: _ended(target, "failed"),
        lambda number: number <= COUNT,
        within_s=target.timings.answer_s,
    )

    expect_that(
        few,
        expected=f"{COUNT} failed jobs stay at most",
        actual=f"{left} of {SEVERAL} stay",
        jobs=tuple(jobs[:2]),
    )


@requirement("RETN-002")
async def test_with_a_count_of_0_no_finished_job_stays(launch: Launch) -> None:
    """Zero is a number, too, and not the same as no word on it."""
    target = await launch.system({"REMOVE_ON_COUNT": "0"}, workers=1)
    assert target.redis is not None
    await _run(target, SEVERAL)

    left, none = await eventually(
        lambda: _finished(target), lambda number: not number, within_s=target.timings.answer_s
    )

    expect_that(
        none,
        expected="no finished job stays with REMOVE_ON_COUNT=0",
        actual=f"{left} of {SEVERAL} stay",
    )


@requirement("RETN-003", wait=lambda _: 2.0)
async def test_finished_jobs_older_than_the_age_are_removed(launch: Launch) -> None:
    """A second after its end a job is removed, when another one ends."""
    target = await launch.system({"REMOVE_ON_AGE": "1"}, workers=1)
    assert target.redis is not None
    old = new_job(target, BRIEF)
    require_answer(await predict(old), Kind.SUCCESS, to="a prediction")
    name, _ = await target.redis.hash_with(old.key, within_s=1.0)
    if not name:
        raise Inconclusive("the finished job was gone at once")

    async def still_there() -> bool:
        require_answer(await predict(new_job(target, BRIEF)), Kind.SUCCESS, to="a later prediction")
        assert target.redis is not None
        return bool((await target.redis.hash_with(old.key, within_s=0.0))[0])

    kept, _ = await eventually(still_there, lambda there: not there, within_s=LONG_AGO_S)

    expect_that(
        not kept,
        expected=f"removed within {LONG_AGO_S:.0f} s, its age being 1 s",
        actual="it is still there, though other jobs have ended since",
        jobs=old,
    )


@requirement("RETN-004")
async def test_nothing_but_the_job_itself_stays_without_end(target: System) -> None:
    """Keys that bear the id of a streamed job, or of its chat, are gone then, or will expire."""
    job = await target.submit(STEADY)
    own = await own_hash(job)

    async def endless() -> list[str]:
        return [key.name for key in await keys_beside(job, own) if key.ttl_s is None]

    if not await keys_beside(job, own):
        raise Inconclusive("no key bears the job's id, even while it runs")
    if not (await read_stream(job)).ending.is_end:
        raise Inconclusive("the job's stream did not end")

    left, gone = await eventually(
        endless, lambda names: not names, within_s=target.timings.answer_s
    )

    expect_that(
        gone,
        expected="every key of job and chat but the job itself gone, or with a time to live",
        actual=f"without one: {', '.join(left[:3])}",
        jobs=job,
    )


async def _run(target: System, number: int) -> None:
    replies = await asyncio.gather(*(predict(new_job(target, BRIEF)) for _ in range(number)))
    poor = [reply.words for reply in replies if reply.kind is not Kind.SUCCESS]
    if poor:
        raise Inconclusive(f"{len(poor)} of {number} predictions were not answered: {poor[0]}")


async def _finished(target: System) -> int:
    return await _ended(target, "completed")


async def _ended(target: System, how: str) -> int:
    assert target.redis is not None
    return await target.redis.largest_set(f"bull:*:{how}")
