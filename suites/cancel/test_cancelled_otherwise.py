"""A cancel of a build that something else has cancelled before: the watchdog, or a closed stream
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker cancellation).

The client does not know; it comes back, finds its build stuck and asks for its end.
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Job,
    Kind,
    Probe,
    System,
    Worker,
    expect_answer,
    read_until_tick,
    requirement,
    stops,
    work_begun,
)
from queueproof.config.deadlines import reclaimed_within_s, stopped_within_s

_WORK = Probe(ticks=3000, interval_s=0.2, witnessed=True)


@requirement(
    "CANC-006", contracts=("langflow",), workers=2, needs=("witness",), wait=reclaimed_within_s
)
async def test_a_cancel_of_a_build_that_was_reclaimed_is_answered(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """With success or a refusal, on every worker: the watchdog was quicker."""
    job = await target.submit(_WORK, via=workers[0])
    await work_begun(job)
    await target.poll(job, via=workers[-1])
    if not await stops(job, unread=True):
        raise Inconclusive("the abandoned build was not reclaimed")

    await _expect_answered(job, "a cancel of a build that the watchdog has reclaimed")


@requirement(
    "CANC-006", contracts=("langflow",), workers=2, needs=("witness",), wait=stopped_within_s
)
async def test_a_cancel_of_a_build_whose_reader_left_is_answered(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """With success or a refusal, on every worker: the closed stream has cancelled it."""
    job = await target.submit(_WORK, via=workers[0])
    async with target.stream(job, via=workers[-1]) as stream:
        await read_until_tick(stream, 0)
    # Soon, for of what is kept no longer than this nobody knows anything.
    soon_s = min(stopped_within_s(target.timings), target.timings.stream_ttl_s / 4)
    if not await stops(job, within_s=soon_s):
        raise Inconclusive(f"the closed stream did not cancel the build within {soon_s:.1f} s")

    await _expect_answered(job, "a cancel of a build whose reader has closed its stream")


async def _expect_answered(job: Job, what: str) -> None:
    replies = {at: await job.system.cancel(job, via=at) for at in job.system.workers}
    for at, reply in replies.items():
        expect_answer(reply, Kind.SUCCESS, Kind.REFUSAL, to=what, by=f"worker {at}", jobs=job)
