"""Where jobs are found that failed for good (`queueproof, "Any other queue"`, Dead letters)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    NotAssessed,
    Probe,
    System,
    Worker,
    cancel_running,
    eventually,
    expect_that,
    read_job,
    requirement,
    throughout,
    work_begun,
)
from queueproof.case_helpers.later_runs import require_soon_retries, two_runs_within_s
from queueproof.config.deadlines import recovered_within_s
from queueproof.targets.statuses import dead_letters

_WATCHED_S = 2.0
_FAILING = Probe(ticks=2, interval_s=0.05, fail_at=1)
_AGAIN = Probe(ticks=2, interval_s=0.05, fail_at=1, retries=1)
_LONG = Probe(ticks=200, interval_s=0.1, witnessed=True)
#: More than a page of ten, or of twenty.
_MANY, _AT_ONCE = 24, 8


@requirement("PROM-030")
async def test_a_job_that_failed_for_good_is_among_the_dead_letters(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker, once it is told to have failed."""
    job = await target.submit(_FAILING, via=workers[0])
    await _require_ending(job, Ending.FAILED)

    for at in workers:
        await _expect_there([job], at)


@requirement("PROM-030", promises=("retries",))
async def test_a_job_that_has_failed_as_often_as_it_may_is_among_the_dead_letters(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It fails, is run again, and fails again."""
    require_soon_retries(target)
    job = await target.submit(_AGAIN, via=workers[0])
    await _require_ending(job, Ending.FAILED, within_s=two_runs_within_s(target, _AGAIN))

    await _expect_there([job], workers[-1])


@requirement("PROM-030")
async def test_dozens_of_jobs_that_failed_are_all_among_the_dead_letters(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The first of them as the last."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def failed(number: int) -> Job:
        async with turn:
            job = await target.submit(_FAILING, via=workers[number % len(workers)])
            await _require_ending(job, Ending.FAILED)
            return job

    jobs = await asyncio.gather(*map(failed, range(_MANY)))

    await _expect_there(jobs, workers[-1])


@requirement("PROM-031", wait=lambda _: _WATCHED_S, promises=("retries",))
async def test_a_job_that_succeeds_at_last_is_not_among_the_dead_letters(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It fails once, and is run again."""
    probe = Probe(ticks=2, interval_s=0.05, fail_times=1, retries=1)
    job = await target.submit(probe, via=workers[0])
    await _require_ending(job, Ending.COMPLETED, within_s=two_runs_within_s(target, probe))

    await _expect_absent(job, workers[-1], what="a job that has completed")


@requirement("PROM-031", wait=lambda _: _WATCHED_S)
async def test_a_job_that_was_cancelled_is_not_among_the_dead_letters(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It was cancelled while it ran: it has not failed."""
    promised = target.promises.cancels if target.promises else ""
    if promised != "running" or "cancel" not in target.adapter.operations:
        raise NotAssessed('needs [promises] cancels = "running", and [mapping.cancel]')
    job = await target.submit(_LONG, via=workers[0])
    await work_begun(job)
    await cancel_running(job)
    await _require_ending(job, Ending.CANCELLED)

    await _expect_absent(job, workers[-1], what="a job that was cancelled")


async def _expect_absent(job: Job, at: Worker, *, what: str) -> None:
    async def ids() -> list[str]:
        return await _ids(job.system, at)

    _, absent = await throughout(ids, lambda found: job.id not in found, for_s=_WATCHED_S)
    expect_that(
        absent,
        expected=f"{what} is not among the dead letters",
        actual="it is",
        jobs=job,
    )


async def _expect_there(jobs: Sequence[Job], at: Worker) -> None:
    target, wanted = jobs[0].system, {job.id for job in jobs}
    ids, there = await eventually(
        partial(_ids, target, at), wanted.issubset, within_s=recovered_within_s(target.timings)
    )
    missing = [job for job in jobs if job.id not in ids]
    expect_that(
        there,
        expected=f"what failed, {len(jobs)} in all, among the dead letters that worker {at} tells",
        actual=f"{len(missing)} of {len(jobs)} are not among {len(ids)}",
        jobs=tuple(missing[:3]),
    )


async def _ids(target: System, at: Worker) -> list[str]:
    reply = await dead_letters(target, via=at)
    if reply.result is None:
        raise Inconclusive(f"worker {at} told no list of dead letters: {reply.words}")
    return list(reply.result)


async def _require_ending(job: Job, wanted: Ending, *, within_s: float | None = None) -> None:
    told = (await read_job(job, within_s=within_s)).ending
    if told is not wanted:
        raise Inconclusive(f"the job was told as {told.value}")
