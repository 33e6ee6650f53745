"""Cancels that meet one another, or readers who wait
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker
cancellation).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    EventKind,
    Inconclusive,
    NotAssessed,
    Probe,
    System,
    expect_that,
    read_job,
    read_to_end,
    read_until_tick,
    requirement,
    stops,
    work_begun,
)
from queueproof.case_helpers.moments import require_under_way
from queueproof.config.deadlines import stopped_within_s

_MANY = ("langflow", "generic")
_RUNNING = Probe(ticks=300, interval_s=0.2, witnessed=True)
_BESIDE = Probe(ticks=15, interval_s=0.2, witnessed=True)
_EACH = 2


@requirement("CANC-006", contracts=_MANY, workers=2, needs=("witness",), wait=stopped_within_s)
async def test_cancels_of_one_job_at_the_same_moment_are_all_answered(target: System) -> None:
    """Every worker is asked twice at once: clean answers, one end, and the work stops."""
    if target.spared is not None:
        raise NotAssessed(
            "cancels at once may harm whoever else uses it: say that it is --disposable"
        )
    job = await target.submit(_RUNNING)
    await work_begun(job)
    async with target.stream(job, via=target.others(job.owner)[0]) as stream:
        await read_until_tick(stream, 0)

        replies = await asyncio.gather(
            *(target.cancel(job, via=at) for at in target.workers for _ in range(_EACH))
        )

        told = await read_to_end(stream, within_s=stopped_within_s(target.timings))
    if not any(reply.claims_success for reply in replies):
        raise Inconclusive(f"no cancel was taken: {replies[0].words}")
    stopped = await stops(job)
    poor = [reply.words for reply in replies if reply.status is None or reply.status >= 500]
    ends = [e.kind for e in told.events if e.kind in (EventKind.CANCELLED, EventKind.END)]
    expect_that(
        not poor and len(ends) <= 1 and stopped,
        expected="every cancel answered with success or a refusal, one end, no more work",
        actual=f"{len(poor)} of {len(replies)} poor answers {poor[:2]}, "
        f"{len(ends)} terminal events, the work {'stopped' if stopped else 'went on'}",
        jobs=job,
    )


@requirement("CANC-006", contracts=_MANY, workers=2)
async def test_cancels_of_two_jobs_at_the_same_moment_end_each_its_own(target: System) -> None:
    """Two jobs of one worker, cancelled through another at once; one on each worker is left."""
    owner, other = target.workers[0], target.workers[-1]
    jobs = [await target.submit(_RUNNING, via=owner) for _ in range(2)]
    beside = [await target.submit(_BESIDE, via=at) for at in target.workers]
    reading = asyncio.gather(*(read_job(job, via=other) for job in beside))

    replies = await asyncio.gather(*(target.cancel(job, via=other) for job in jobs))
    answered_s = target.history.now_s()
    delivered = await reading

    poor = [reply.words for reply in replies if not reply.claims_success]
    cut = [one for one in delivered if set(one.ticks) != set(_BESIDE.expected_ticks)]
    expect_that(
        not poor and not cut,
        expected="both cancels answered with success, and the jobs beside them delivered whole",
        actual=f"poor answers {poor}; cut short: "
        + ", ".join(f"{one.job.owner} {len(one.ticks)} ticks, {one.ending.value}" for one in cut),
        jobs=(*jobs, *(one.job for one in cut)),
    )
    require_under_way(*beside, at_s=answered_s, what="the cancels")
