"""What a job that is run again finds, and for how long it is taken for alive
(`queueproof, "Any other queue"`, Contents and Outages).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    expect_that,
    read_job,
    requirement,
    result,
    throughout,
)
from queueproof.case_helpers.later_runs import (
    longer_than_lost_s,
    require_soon_retries,
    two_runs_within_s,
)
from queueproof.targets.generic.probe_values import answer_of
from queueproof.targets.outcomes import runs_of

_ONCE = Probe(ticks=2, interval_s=0.05, answer=" as given: \u20ac")
_TWICE = Probe(ticks=2, interval_s=0.05, answer=_ONCE.answer, fail_times=1, retries=1)
_LONGER, _LONGEST_S, _STEP_S = 1.25, 20.0, 0.5
_STILL_S = 1.0


@requirement("PROM-022", promises=("retries",))
async def test_a_job_that_is_run_again_finds_what_it_was_given(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """What it computes in its second run is what it was asked for, as for one that is run once."""
    require_soon_retries(target)
    plain = await target.submit(_ONCE, via=workers[0])
    again = await target.submit(_TWICE, via=workers[-1])
    within_s = two_runs_within_s(target, _TWICE)
    reads = await asyncio.gather(*(read_job(job, within_s=within_s) for job in (plain, again)))
    if any(read.ending is not Ending.COMPLETED for read in reads):
        raise Inconclusive(f"told as {', '.join(read.ending.value for read in reads)}")
    if await _differs(plain):
        raise Inconclusive("not even a job that was run once told its result")

    words = await _differs(again)

    expect_that(not words, expected="the second run to compute the same", actual=words, jobs=again)


@requirement("PROM-014", promises=("retries",))
async def test_a_second_run_that_takes_longer_than_lost_ones_are_waited_for_is_the_last(
    target: System,
) -> None:
    """It fails once, and then works on for long; nothing disturbs it."""
    require_soon_retries(target)
    ticks = round(longer_than_lost_s(target, times=_LONGER, at_most_s=_LONGEST_S) / _STEP_S)
    probe = Probe(ticks=ticks, interval_s=_STEP_S, fail_times=1, retries=1, witnessed=True)
    job = await target.submit(probe)

    told = (await read_job(job, within_s=two_runs_within_s(target, probe))).ending
    await throughout(lambda: _runs(job), lambda runs: runs < 3, for_s=_STILL_S)

    runs = runs_of(job)
    if runs < 2 or (told is Ending.SILENT and runs == 2):
        raise Inconclusive(f"begun {runs} times, told: {told.value}")
    expect_that(
        runs == 2,
        expected=f"after the one that fails a run of {probe.duration_s:g} s, and no other",
        actual=f"begun {runs} times, told: {told.value}",
        jobs=job,
    )


async def _differs(job: Job) -> str:
    """Empty where the job's result is what it was given."""
    told = str((await result(job)).result)
    return "" if told == answer_of(job.key, job.probe) else f"it told {told[-60:]!r}"


async def _runs(job: Job) -> int:
    return runs_of(job)
