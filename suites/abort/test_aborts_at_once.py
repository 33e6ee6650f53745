"""Aborts of one job at the same moment
(`Flowise, "Running Flowise using Queue"`, 3. Worker Processing).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    EventKind,
    Inconclusive,
    Probe,
    System,
    expect_that,
    read_to_end,
    requirement,
    stops,
    work_begun,
)
from queueproof.config.deadlines import stopped_within_s

_WORK = Probe(ticks=60, interval_s=0.2, witnessed=True)
_ABORTS = 4


@requirement("ABRT-005", wait=stopped_within_s)
async def test_aborts_of_one_job_at_the_same_moment_are_all_answered(target: System) -> None:
    """Four at once: clean answers, one end of the stream, and the work stops."""
    job = await target.submit(_WORK)
    await work_begun(job)
    async with target.stream(job) as stream:
        replies = await asyncio.gather(*(target.cancel(job) for _ in range(_ABORTS)))
        told = await read_to_end(stream, within_s=stopped_within_s(target.timings))
    if not any(reply.claims_success for reply in replies):
        raise Inconclusive(f"no abort was taken: {replies[0].words}")

    stopped = await stops(job)

    poor = [reply.words for reply in replies if reply.status is None or reply.status >= 500]
    ends = [event for event in told.events if event.kind is EventKind.END]
    expect_that(
        not poor and len(ends) <= 1 and stopped,
        expected="every abort answered with success or a refusal, one end, no more work",
        actual=f"{len(poor)} of {_ABORTS} poor answers {poor[:2]}, {len(ends)} ends, "
        f"the work {'stopped' if stopped else 'went on'}",
        jobs=job,
    )
