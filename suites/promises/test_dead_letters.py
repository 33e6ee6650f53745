"""Where jobs are found that failed for good (`queueproof, "Any other queue"`, Dead letters)."""

from __future__ import annotations

from functools import partial

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    eventually,
    expect_that,
    read_job,
    requirement,
    throughout,
)
from queueproof.config.deadlines import recovered_within_s
from queueproof.targets.statuses import dead_letters

_WATCHED_S = 2.0
_FAILING = Probe(ticks=2, interval_s=0.05, fail_at=1)


@requirement("PROM-030")
async def test_a_job_that_failed_for_good_is_among_the_dead_letters(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker, once it is told to have failed."""
    job = await target.submit(_FAILING, via=workers[0])
    await _require_ending(job, Ending.FAILED)

    for at in workers:
        ids, there = await eventually(
            partial(_ids, target, at),
            lambda ids: job.id in ids,
            within_s=recovered_within_s(target.timings),
        )
        expect_that(
            there,
            expected=f"the failed job among the dead letters that worker {at} tells",
            actual=f"it is not among {len(ids)}",
            jobs=job,
        )


@requirement("PROM-031", wait=lambda _: _WATCHED_S)
async def test_a_job_that_succeeds_at_last_is_not_among_the_dead_letters(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It fails once, and is run again."""
    probe = Probe(ticks=2, interval_s=0.05, fail_times=1, retries=1)
    job = await target.submit(probe, via=workers[0])
    pause_s = target.promises.retry_pause_s if target.promises else 0.0
    within_s = 2 * target.within(probe) + 3 * pause_s
    await _require_ending(job, Ending.COMPLETED, within_s=within_s)

    async def ids() -> list[str]:
        return await _ids(target, workers[-1])

    _, absent = await throughout(ids, lambda found: job.id not in found, for_s=_WATCHED_S)
    expect_that(
        absent,
        expected="a job that has completed is not among the dead letters",
        actual="it is",
        jobs=job,
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
