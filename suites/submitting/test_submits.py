"""Every worker takes jobs, and each job is run once, by itself
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction and Verify cross-worker
cancellation).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

from queueproof.case import (
    Inconclusive,
    Job,
    Kind,
    Probe,
    System,
    Worker,
    eventually,
    expect,
    expect_answer,
    expect_refusal,
    expect_that,
    kept_alive,
    read_job,
    requirement,
    throughout,
)
from queueproof.case_helpers.moments import all_under_way

_EACH = 3
_SHORT = Probe(ticks=1, interval_s=0.02)
_LARGE = Probe(ticks=2, interval_s=0.05, words=("x" * 200_000,), witnessed=True)
_ONCE = [0, 1, 2, 3]
_STILL_S = 1.0
#: From tick to tick of jobs that are to meet: so slow a target may be, or so busy a machine.
_SLOWER_AND_SLOWER = (0.1, 0.4, 1.6)


@requirement("SUBM-001")
async def test_a_submit_is_answered_with_a_job_id_unique_across_workers(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Submits on all workers at the same time get an id each, no two of them alike."""
    probe = Probe(ticks=1, interval_s=0.02)

    answers = await asyncio.gather(
        *(target.try_submit(probe, via=worker) for worker in workers for _ in range(_EACH))
    )

    replies = [reply for _, reply in answers]
    without = [reply.words for reply in replies if reply.job_id is None]
    ids = Counter(reply.job_id for reply in replies if reply.job_id is not None)
    expect_that(
        not without and len(ids) == len(replies),
        expected=f"{len(replies)} submits answered with as many different job ids",
        actual=f"{len(without)} without an id ({'; '.join(without[:2])})"
        if without
        else f"{len(ids)} different ids",
    )


@requirement("SUBM-002")
async def test_every_worker_accepts_submits_and_each_job_runs_exactly_once(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The witness sees every tick of every worker's jobs, and none of them twice.

    How soon an accepted job begins is not judged here: it gets as long as a recovery may take,
    and a client that polls it meanwhile, lest it counts as abandoned.
    """
    probe = Probe(ticks=len(_ONCE), interval_s=0.1, witnessed=True)
    answers = await asyncio.gather(
        *(target.try_submit(probe, via=worker) for worker in workers for _ in range(2))
    )
    refusals = [reply.words for job, reply in answers if job is None]
    jobs = [job for job, _ in answers if job is not None]

    async def witnessed() -> list[list[int]]:
        return [_ticks_done(job) for job in jobs]

    within_s = target.timings.recovery_s
    async with AsyncExitStack() as clients:
        for job in jobs:
            client = kept_alive(job, via=job.owner, for_s=within_s)
            await clients.enter_async_context(client)
        await eventually(
            witnessed,
            lambda done: all(len(ticks) >= len(_ONCE) for ticks in done),
            within_s=within_s,
        )
    done, _ = await throughout(
        witnessed, lambda done: all(len(ticks) == len(_ONCE) for ticks in done), for_s=_STILL_S
    )
    expect_that(
        not refusals and all(ticks == _ONCE for ticks in done),
        expected=f"each of {len(answers)} jobs accepted and its ticks {_ONCE} done once",
        actual=f"{len(refusals)} refused {refusals[:1]}; ticks done: {done}",
        jobs=tuple(jobs),
    )


@requirement("SUBM-002", contracts=("langflow",))
async def test_a_job_of_some_hundred_kilobytes_is_accepted_and_runs(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A flow may hold a document; fronts take a mebibyte by their defaults."""
    job, reply = await target.try_submit(_LARGE, via=workers[0])

    expect_answer(reply, Kind.SUCCESS, to="a submit of 200 kB", by=f"worker {workers[0]}")
    expect_that(job is not None, expected="a job id", actual=f"it answered {reply.words}")
    assert job is not None

    async def witnessed() -> list[int]:
        return _ticks_done(job)

    within_s = target.timings.recovery_s
    async with kept_alive(job, via=job.owner, for_s=within_s):
        done, ran = await eventually(
            witnessed, lambda ticks: len(ticks) >= _LARGE.ticks, within_s=within_s
        )
    expect_that(
        ran,
        expected=f"its {_LARGE.ticks} ticks done within {within_s:.0f} s",
        actual=f"ticks {done} were done",
        jobs=job,
    )


@requirement("SUBM-003")
async def test_a_submit_for_a_flow_that_does_not_exist_is_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Every worker refuses it, and takes the next one that is right as it took the one before."""
    for worker in workers:
        await target.submit(_SHORT, via=worker)
    replies = await asyncio.gather(*(target.submit_unknown_flow(via=worker) for worker in workers))

    for worker, reply in zip(workers, replies, strict=True):
        expect_refusal(reply, to="a submit for an unknown flow", by=f"worker {worker}")
    again = [(worker, await target.try_submit(_SHORT, via=worker)) for worker in workers]
    for worker, (job, reply) in again:
        by = f"worker {worker}"
        expect_answer(reply, Kind.SUCCESS, to="a submit after one that was refused", by=by)
        expect_that(job is not None, expected="a job id", actual=f"{by} answered {reply.words}")


@requirement("SUBM-004")
async def test_jobs_submitted_side_by_side_do_not_mix_their_events(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Jobs of different lengths at once, two of them on one worker, streamed by others."""
    turns = [(worker, workers[i - 1]) for i, worker in enumerate(workers)]
    turns.append(turns[0])
    for interval_s in _SLOWER_AND_SLOWER:
        probes = [
            Probe(ticks=4 + i, interval_s=interval_s, witnessed=True) for i in range(len(turns))
        ]
        owned = zip(probes, turns, strict=True)
        jobs = await asyncio.gather(*(target.submit(probe, via=at) for probe, (at, _) in owned))
        accepted_s = target.history.now_s()
        reads = zip(jobs, turns, strict=True)
        delivered = await asyncio.gather(*(read_job(job, via=by) for job, (_, by) in reads))

        for delivery in delivered:
            expect(delivery).to_be_complete_and_in_order()
        if all_under_way(jobs, accepted_s):
            return
    raise Inconclusive("a job may have been over when the last one was accepted: they never met")


def _ticks_done(job: Job) -> list[int]:
    return [seen.tick for seen in job.sightings]
