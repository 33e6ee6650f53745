"""What an ended job has computed, and how it ended, for as long as that is kept
(`queueproof, "Any other queue"`, Results and Submitting).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Kind,
    NotAssessed,
    Probe,
    System,
    Worker,
    cancel_running,
    eventually,
    expect_that,
    read_job,
    requirement,
    result,
    status,
    throughout,
    work_begun,
)
from queueproof.targets.generic.probe_values import answer_of
from queueproof.targets.statuses import StatusReply

_BRIEF = Probe(ticks=2, interval_s=0.05)
_FAILING = Probe(ticks=3, interval_s=0.05, fail_at=1)
_SECOND_TIME = Probe(ticks=3, interval_s=0.1, fail_times=1, retries=1, witnessed=True)
_LONG = Probe(ticks=200, interval_s=0.1, witnessed=True)
_MANY, _AT_ONCE = 200, 10
_WATCHED_S = 4.0
_LONGEST_PAUSE_S = 20.0


@requirement("PROM-001")
async def test_every_worker_tells_the_result_that_each_job_computed(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Jobs side by side that compute different things; each result is asked of every worker."""
    jobs = [await target.submit(_BRIEF, via=at) for at in (*workers, *workers)]
    delivered = await asyncio.gather(*(read_job(job) for job in jobs))
    if any(read.ending is not Ending.COMPLETED for read in delivered):
        raise Inconclusive(f"a job did not complete: {delivered[0].ending.value}")

    wrong = [words for job in jobs for at in workers if (words := await _wrong(job, at))]

    asked_s = target.history.now_s() - min(read.ended_s for read in delivered)
    if wrong and 0 < _kept_s(target) < asked_s:
        raise Inconclusive(f"a result was asked for {asked_s:.0f} s after its job's end was told")
    expect_that(
        not wrong,
        expected="every worker tells of each job what it was asked to compute",
        actual="; ".join(wrong[:3]),
        jobs=tuple(jobs),
    )


@requirement("PROM-002", wait=lambda _: _WATCHED_S)
async def test_how_a_job_ended_is_told_the_same_for_as_long_as_it_is_watched(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """One that completes and one that fails, asked again and again of every worker."""
    for probe in (_BRIEF, _FAILING):
        job = await target.submit(probe, via=workers[0])
        told = (await read_job(job)).ending
        if told not in (Ending.COMPLETED, Ending.FAILED):
            raise Inconclusive(f"the job's end was not told: {told.value}")
        await _settled(job, told)

        await _expect_to_stay(job, told)


@requirement("PROM-002", needs=("witness",), wait=lambda _: _WATCHED_S / 2)
async def test_that_a_job_was_cancelled_is_told_for_as_long_as_it_is_watched(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It was cancelled while it ran; asked again and again of every worker."""
    promised = target.promises.cancels if target.promises else ""
    if promised != "running" or "cancel" not in target.adapter.operations:
        raise NotAssessed('needs [promises] cancels = "running", and [mapping.cancel]')
    job = await target.submit(_LONG, via=workers[0])
    await work_begun(job)
    await cancel_running(job)
    told = (await read_job(job)).ending
    if told is not Ending.CANCELLED:
        raise Inconclusive(f"the job was told as {told.value}")
    await _settled(job, told)

    await _expect_to_stay(job, told)


@requirement("PROM-002", needs=("witness",), wait=lambda _: _WATCHED_S / 2, promises=("retries",))
async def test_a_job_that_will_be_run_again_is_not_told_to_have_ended(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It fails once, and then completes; asked in the pause between its runs it has no end yet.

    A word that is taken back within a moment is no answer to anybody: twice in a row counts.
    """
    if target.promises and target.promises.retry_pause_s > _LONGEST_PAUSE_S:
        raise NotAssessed("two runs are further apart than is waited for")
    jobs = [await target.submit(_SECOND_TIME, via=at) for at in (*workers, *workers)]

    early = [one for one in await asyncio.gather(*(_told_early(job) for job in jobs)) if one]

    expect_that(
        not early,
        expected="no final state of a job that is about to be run again",
        actual=f"{len(early)} of {len(jobs)} were told as {early[0].value}, and ran again"
        if early
        else "",
        jobs=tuple(jobs),
    )


@requirement("PROM-003")
async def test_hundreds_of_jobs_have_as_many_ids(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Submitted through all workers, ten at a time."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def submitted(number: int) -> str | None:
        async with turn:
            probe = Probe(ticks=1, interval_s=0.0)
            job, _ = await target.try_submit(probe, via=workers[number % len(workers)])
            return job.id if job else None

    ids = [one for one in await asyncio.gather(*map(submitted, range(_MANY))) if one is not None]
    if len(ids) < _MANY / 2:
        raise Inconclusive(f"only {len(ids)} of {_MANY} submits were accepted")
    twice = [job_id for job_id, number in Counter(ids).items() if number > 1]
    expect_that(
        not twice,
        expected=f"{len(ids)} jobs with as many different ids",
        actual=f"{len(twice)} ids were given more than once, such as {twice[:1]}",
    )


async def _told_early(job: Job) -> Ending | None:
    """The end that the job was told to have come to before its second run, if it was."""
    target, told = job.system, list[StatusReply]()
    workers = target.workers

    async def look() -> int:
        told.append(await status(job, via=workers[len(told) % len(workers)]))
        return sum(seen.tick == 0 for seen in job.sightings)

    pause_s = target.promises.retry_pause_s if target.promises else 0.0
    within_s = target.within(_SECOND_TIME) + 3 * pause_s + target.timings.recovery_s
    _, again = await eventually(look, lambda runs: runs > 1, within_s=within_s)
    if not again:
        raise Inconclusive(f"a job was not run again within {within_s:.0f} s")
    if not any(reply.kind is Kind.SUCCESS for reply in told):
        raise Inconclusive(f"no status was told before its second run: {told[0].words}")
    ends = [reply.ending for reply in told]
    return next((one for one, after in pairwise(ends) if one is not None and one is after), None)


async def _expect_to_stay(job: Job, told: Ending) -> None:
    """Every worker goes on telling the same end."""

    async def told_by_all() -> list[StatusReply]:
        return await _told_by_all(job)

    def the_same(replies: list[StatusReply]) -> bool:
        return all(reply.ending is told for reply in replies)

    for_s = min(_WATCHED_S, _kept_s(job.system)) / 2
    seen, held = await throughout(told_by_all, the_same, for_s=for_s)
    other = next((reply for reply in seen if reply.ending is not told), None)
    expect_that(
        held,
        expected=f"{told.value}, as at first, whenever it is asked for",
        actual=f"later: {other.state or other.words}" if other else "",
        jobs=job,
    )


async def _wrong(job: Job, worker: Worker) -> str:
    wanted = answer_of(job.key)
    told = (await result(job, via=worker)).result
    return "" if str(told) == wanted else f"worker {worker} told {told!r}, not {wanted!r}"


async def _told_by_all(job: Job) -> list[StatusReply]:
    return list(await asyncio.gather(*(status(job, via=at) for at in job.system.workers)))


async def _settled(job: Job, told: Ending) -> None:
    """A reader may be told a moment before the status is; what follows is held against it."""
    _, agreed = await eventually(
        lambda: _told_by_all(job),
        lambda replies: all(reply.ending is told for reply in replies),
        within_s=job.system.timings.answer_s,
    )
    if not agreed:
        raise Inconclusive(f"the status never agreed with the end that was told: {told.value}")


def _kept_s(target: System) -> float:
    return target.promises.results_s if target.promises else 0.0
