"""What a whole run has left behind: a target that still begins the jobs that it accepts
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio

from queueproof.case import Standstill, System, begins_a_job, expect_that, requirement


@requirement("SUBM-009", closing=True)
async def test_every_worker_begins_jobs_to_the_end_of_the_run(
    target: System, standstills: tuple[Standstill, ...]
) -> None:
    """None was seen to stop on the way, and when all is done each begins one more."""
    within_s, workers = target.timings.recovery_s, target.workers
    expect_that(
        not standstills,
        expected="jobs begin for as long as they are accepted",
        actual="; ".join(map(str, standstills)),
    )

    begun = await asyncio.gather(
        *(begins_a_job(target, each, within_s=within_s) for each in workers)
    )

    idle = [worker.label for worker, begins in zip(workers, begun, strict=True) if begins is False]
    expect_that(
        not idle,
        expected=f"a plain job begins on every worker within {within_s:.0f} s",
        actual=f"it did not on worker {', '.join(idle)}",
    )
