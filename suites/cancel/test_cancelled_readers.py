"""What the readers of a cancelled build see, and what the readers of other builds do not
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker cancellation).
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from queueproof.case import (
    Inconclusive,
    Job,
    OpenStream,
    Probe,
    System,
    Worker,
    cancel_running,
    expect_that,
    read_job,
    read_to_end,
    read_until_tick,
    requirement,
    work_begun,
)
from queueproof.case_helpers.moments import require_under_way
from queueproof.config.deadlines import stopped_within_s

_MANY = ("langflow", "generic")
RUNNING = Probe(ticks=300, interval_s=0.2)
DELAYED = Probe(ticks=2, interval_s=0.1, delay_s=10.0)
BESIDE = Probe(ticks=12, interval_s=0.2, witnessed=True)


@requirement("CANC-005", workers=2, wait=stopped_within_s)
async def test_streams_on_every_worker_end_when_the_owner_is_asked_to_cancel(
    target: System,
) -> None:
    """Two streams a worker; all of them end after a cancel at the owner."""
    job = await target.submit(RUNNING)

    await _expect_all_streams_to_end(job, asked=job.owner)


@requirement("CANC-005", workers=2, wait=stopped_within_s)
async def test_streams_on_every_worker_end_when_another_worker_is_asked_to_cancel(
    target: System,
) -> None:
    """Two streams a worker; all of them end after a cancel at a worker that is not the owner."""
    job = await target.submit(RUNNING)

    await _expect_all_streams_to_end(job, asked=target.others(job.owner)[0])


@requirement("CANC-005", contracts=("generic",), promises=("delay_late_s",), wait=stopped_within_s)
async def test_streams_of_a_job_that_is_cancelled_before_it_begins_end(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """One opened before the cancel, and one after it: the job is delayed, and never begins."""
    job = await target.submit(DELAYED, via=workers[0])
    within_s = stopped_within_s(target.timings)
    async with AsyncExitStack() as streams:
        early = await _opened(streams, job, workers[0])
        reply = await target.cancel(job, via=workers[-1])
        if not reply.claims_success:
            raise Inconclusive(f"the cancel was not taken: {reply.words}")
        if target.history.now_s() > job.submitted_s + DELAYED.delay_s:
            raise Inconclusive("the cancel was answered after the job's time")
        late = await _opened(streams, job, workers[-1])
        read = await asyncio.gather(*(read_to_end(one, within_s=within_s) for one in (early, late)))
    opened = ("opened before the cancel", "opened after it")
    open_still = [
        when for when, delivered in zip(opened, read, strict=True) if not delivered.ending.is_end
    ]
    expect_that(
        not open_still,
        expected=f"both streams end within {within_s:.1f} s of the cancel of a job that waits",
        actual=f"still open: {', '.join(open_still)}",
        jobs=job,
    )


@requirement("CANC-016", contracts=_MANY, workers=2)
async def test_a_cancel_leaves_the_builds_beside_it_alone(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Builds of the same flow, on the same worker and on another, do all their ticks."""
    cancelled = await target.submit(RUNNING, via=workers[0])
    beside = [await target.submit(BESIDE, via=at) for at in (workers[0], workers[1])]
    reads = asyncio.gather(*(_read(job) for job in beside))
    try:
        await asyncio.gather(*(work_begun(job) for job in beside))
        replies = [await target.cancel(cancelled, via=at) for at in (workers[-1], workers[0])]
        if not any(reply.claims_success for reply in replies):
            raise Inconclusive(f"no cancel was taken: {replies[0].words}")
        answered_s = target.history.now_s()
        unread_s = max(await reads)
    finally:
        reads.cancel()

    cut_short = [job for job in beside if len(job.sightings) < BESIDE.ticks]
    if cut_short and 0 < target.timings.stale_threshold_s <= 2 * unread_s:
        raise Inconclusive(f"a build was unread for {unread_s:.1f} s: the watchdog may step in")
    if cut_short:
        control = await target.submit(BESIDE, via=workers[0])
        await _read(control)
        if len(control.sightings) < BESIDE.ticks:
            raise Inconclusive("a build without a cancel beside it is cut short as well")
    expect_that(
        not cut_short,
        expected="the two other builds do all their ticks",
        actual="; ".join(
            f"the one on worker {job.owner} did {len(job.sightings)} of {BESIDE.ticks}"
            for job in cut_short
        ),
        jobs=tuple(cut_short),
    )
    require_under_way(*beside, at_s=answered_s, what="the cancels")


async def _expect_all_streams_to_end(job: Job, *, asked: Worker) -> None:
    within_s = stopped_within_s(job.system.timings)
    async with AsyncExitStack() as streams:
        opened = [await _open(streams, job, at) for at in 2 * job.system.workers]
        await cancel_running(job, via=asked)
        read = await asyncio.gather(*(read_to_end(one, within_s=within_s) for one in opened))
    open_still = [
        f"worker {stream.worker}"
        for stream, delivered in zip(opened, read, strict=True)
        if not delivered.ending.is_end
    ]
    expect_that(
        not open_still,
        expected=f"both streams on every worker end within {within_s:.1f} s of the cancel",
        actual=f"one still open on {', '.join(open_still)} (asked {asked}, owner {job.owner})",
        jobs=job,
    )


async def _open(streams: AsyncExitStack, job: Job, at: Worker) -> OpenStream:
    stream = await _opened(streams, job, at)
    await read_until_tick(stream, 0)
    return stream


async def _opened(streams: AsyncExitStack, job: Job, at: Worker) -> OpenStream:
    stream = await streams.enter_async_context(job.system.stream(job, via=at))
    if stream.reply.status != 200:
        raise Inconclusive(f"worker {at} refused the stream: {stream.reply.words}")
    return stream


async def _read(job: Job) -> float:
    """Read to the end; returns for how long the job had no reader before, in seconds."""
    if "stream" not in job.system.adapter.operations:
        await read_job(job)
        return 0.0
    async with job.system.stream(job, via=job.owner) as stream:
        unread_s = job.system.history.now_s() - job.submitted_s
        await read_to_end(stream)
    return unread_s
