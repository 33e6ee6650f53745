"""A cancel stops the build's work, wherever the build runs and whoever is asked
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference,
cancel channel).
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from queueproof.case import (
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    eventually,
    expect_that,
    kept_alive,
    requirement,
    status,
    still_working,
    stops,
    uninvolved_worker,
    work_begun,
)
from queueproof.config.deadlines import stopped_within_s

_MANY = ("langflow", "generic")
WORK = Probe(ticks=600, interval_s=0.2, witnessed=True)
COLD = Probe(ticks=600, interval_s=0.2, witnessed=True, slow_start_s=3.0)
MANY = 9


@requirement("CANC-002", wait=stopped_within_s)
async def test_a_cancel_at_the_owner_stops_the_work(target: System) -> None:
    """The witness hears no more of a build that was cancelled at its own worker."""
    job = await target.submit(WORK)

    await _expect_stopped_by_cancel(job, via=job.owner, within_s=stopped_within_s(target.timings))


@requirement("CANC-003", workers=2, wait=stopped_within_s)
async def test_a_cancel_at_another_worker_stops_the_work(target: System) -> None:
    """The witness hears no more of a build that was cancelled through another worker."""
    job = await target.submit(WORK)
    other = target.others(job.owner)[0]

    await _expect_stopped_by_cancel(job, via=other, within_s=stopped_within_s(target.timings))


@requirement("CANC-004", workers=2, wait=lambda t: stopped_within_s(t) + COLD.slow_start_s)
async def test_a_cancel_before_the_build_has_started_is_not_lost(target: System) -> None:
    """A build cancelled while its component still starts never gets to work, or stops at once.

    Where a status tells that its worker has taken it, the cancel comes then, not before.
    """
    job = await target.submit(COLD)
    other = target.others(job.owner)[0]
    if "status" in target.adapter.operations:
        await eventually(lambda: _runs(job), bool, within_s=target.timings.answer_s)

    await _cancel(job, via=other)

    within_s = stopped_within_s(target.timings) + COLD.slow_start_s
    await _expect_stopped(job, within_s=within_s, asked=other)


@requirement("CANC-004", workers=2, wait=stopped_within_s)
async def test_cancels_at_once_after_the_submit_are_not_lost(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Builds that are cancelled, elsewhere, as soon as their submit is answered, all stop."""
    jobs = await asyncio.gather(*(_submit_and_cancel(target, at) for at in (*workers, *workers)))

    await _expect_all_stopped(jobs, within_s=stopped_within_s(target.timings))


@requirement("CANC-015", workers=2, wait=stopped_within_s)
async def test_many_cancels_at_once_all_take_effect(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Builds on all workers are cancelled through all workers at the same moment; all stop.

    Of up to three workers each is asked for the builds of each: a worker may be alone in what it
    does wrong.
    """
    count = len(workers)
    owners = [workers[number % count] for number in range(MANY)]
    # One after another, behind a slow front, the first would be given up for want of a reader.
    jobs = await asyncio.gather(*(target.submit(WORK, via=owner) for owner in owners))
    asked = [workers[(number + 1 + number // count) % count] for number in range(MANY)]
    await asyncio.gather(*(work_begun(job) for job in jobs))

    await asyncio.gather(*(_cancel(job, via=at) for job, at in zip(jobs, asked, strict=True)))

    await _expect_all_stopped(jobs, within_s=stopped_within_s(target.timings))


@requirement("CANC-017", contracts=_MANY, workers=2, wait=lambda t: t.cancel_effect_s)
async def test_the_work_stops_within_the_bound_after_another_worker_answered(
    target: System,
) -> None:
    """Once success is answered by another worker, ticks cease within the declared bound."""
    job = await target.submit(WORK)
    other = target.others(job.owner)[0]

    await _expect_stopped_by_cancel(job, via=other, within_s=target.timings.cancel_effect_s)


@requirement("CANC-017", contracts=_MANY, wait=lambda t: t.cancel_effect_s)
async def test_the_work_stops_within_the_bound_after_the_owner_answered(target: System) -> None:
    """Once success is answered by the owner, ticks cease within the declared bound."""
    job = await target.submit(WORK)

    await _expect_stopped_by_cancel(job, via=job.owner, within_s=target.timings.cancel_effect_s)


async def _runs(job: Job) -> bool:
    return (await status(job)).running


async def _submit_and_cancel(target: System, owner: Worker) -> Job:
    job = await target.submit(WORK, via=owner)
    await _cancel(job, via=target.others(job.owner)[0])
    return job


async def _cancel(job: Job, *, via: Worker) -> None:
    """Cancel; a refused cancel promises nothing."""
    reply = await job.system.cancel(job, via=via)
    if not reply.claims_success:
        raise Inconclusive(f"worker {via} did not take the cancel: {reply.words}")


async def _expect_stopped_by_cancel(job: Job, *, via: Worker, within_s: float) -> None:
    """Cancelled at work, with a client that kept it from being reclaimed for want of one."""
    async with kept_alive(job, via=uninvolved_worker(job, via)):
        await work_begun(job)
        await _cancel(job, via=via)
        await _expect_still(job, within_s=within_s, asked=via)


async def _expect_stopped(job: Job, *, within_s: float, asked: Worker) -> None:
    async with kept_alive(job, via=uninvolved_worker(job, asked)):
        await _expect_still(job, within_s=within_s, asked=asked)


async def _expect_still(job: Job, *, within_s: float, asked: Worker) -> None:
    answered_s = job.system.history.now_s()
    stopped = await stops(job, within_s=within_s, since_s=answered_s)
    expect_that(
        stopped,
        expected=f"no tick later than {within_s:.1f} s after the answered cancel",
        actual=f"tick {job.sightings[-1].tick if job.sightings else '-'} came "
        f"{_after(job, answered_s):.1f} s after it (asked worker {asked}, owner {job.owner})",
        jobs=job,
    )


async def _expect_all_stopped(jobs: list[Job], *, within_s: float) -> None:
    answered_s = jobs[0].system.history.now_s()
    async with AsyncExitStack() as clients:
        for job in jobs:
            await clients.enter_async_context(
                kept_alive(job, via=uninvolved_worker(job, job.owner))
            )
        running = await still_working(jobs, within_s=within_s, since_s=answered_s)
    expect_that(
        not running,
        expected=f"all {len(jobs)} builds stop within {within_s:.1f} s of their cancels",
        actual=f"{len(running)} of {len(jobs)} still worked then",
        jobs=tuple(running),
    )


def _after(job: Job, moment_s: float) -> float:
    return job.sightings[-1].at_s - moment_s if job.sightings else 0.0
