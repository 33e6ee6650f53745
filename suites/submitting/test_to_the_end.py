"""What a whole run has left behind: a target that still begins the jobs that it accepts
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Standstill,
    StartOutcome,
    System,
    expect_that,
    requirement,
    start_plain_jobs,
)


@requirement("SUBM-009", closing=True)
async def test_every_worker_begins_jobs_to_the_end_of_the_run(
    target: System, standstills: tuple[Standstill, ...]
) -> None:
    """None was seen to stop on the way, and when all is done each begins one more."""
    within_s = target.timings.recovery_s
    expect_that(
        not standstills,
        expected="jobs begin for as long as they are accepted",
        actual="; ".join(map(str, standstills)),
    )

    starts = await start_plain_jobs(target, within_s=within_s)

    idle = [each for each in starts if each.outcome is StartOutcome.NOT_BEGUN]
    expect_that(
        not idle,
        expected=f"a plain job begins on every worker within {within_s:.0f} s",
        actual="; ".join(map(str, idle)),
    )
    if unsettled := [each for each in starts if each.outcome is not StartOutcome.BEGUN]:
        raise Inconclusive(f"of a plain job after all others: {'; '.join(map(str, unsettled))}")
