"""Jobs that take long: nobody takes them for lost, and they hold up nobody
(`queueproof, "Any other queue"`, Outages and Order).
"""

from __future__ import annotations

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    NotAssessed,
    Probe,
    System,
    expect_that,
    read_job,
    requirement,
    throughout,
)
from queueproof.case_helpers.later_runs import longer_than_lost_s
from queueproof.targets.full_slots import all_begun, declared_slots
from queueproof.targets.outcomes import runs_of

_LONGER = 1.25
_LONGEST_S = 45.0
_STEP_S = 0.5
_STILL_S = 1.0
_BRIEF = Probe(ticks=1, interval_s=0.0, witnessed=True)
_BRIEF_ONES = 3
_HOLDS_S = 60.0


@requirement("PROM-014")
async def test_a_healthy_job_that_takes_longer_than_lost_ones_are_waited_for_runs_once(
    target: System,
) -> None:
    """It goes on working all the while, and nothing disturbs it."""
    ticks = round(longer_than_lost_s(target, times=_LONGER, at_most_s=_LONGEST_S) / _STEP_S)
    job = await target.submit(Probe(ticks=ticks, interval_s=_STEP_S, witnessed=True))

    told = (await read_job(job)).ending
    await throughout(lambda: _runs(job), lambda runs: runs < 2, for_s=_STILL_S)

    if told is Ending.SILENT and runs_of(job) == 1:
        raise Inconclusive("its end was not told in time")
    expect_that(
        runs_of(job) == 1 and told is Ending.COMPLETED,
        expected=f"a job of {job.probe.duration_s:g} s begun once, and told to have completed",
        actual=f"begun {runs_of(job)} times, told: {told.value}",
        jobs=job,
    )


@requirement("PROM-020", alone=True)
async def test_while_half_of_the_slots_are_held_for_long_other_jobs_begin(target: System) -> None:
    """One after the other takes a slot and keeps it; each of them begins, and so do brief ones."""
    slots = declared_slots(target)
    if slots < 2:
        raise NotAssessed("with one slot every job holds up the next")
    long = Probe(ticks=round(_HOLDS_S / _STEP_S), interval_s=_STEP_S, witnessed=True)
    within_s = target.timings.recovery_s + target.timings.answer_s
    begun: list[Job] = []
    for probe in [long] * (slots // 2) + [_BRIEF] * _BRIEF_ONES:
        job = await target.submit(probe)
        if not await all_begun([job], within_s=within_s):
            _require_held(begun)
            expect_that(
                False,
                expected=f"a job to begin within {within_s:.0f} s while at most {slots // 2} of "
                f"{slots} slots are held by others",
                actual=f"it did not, while {_held(begun)} jobs were under way",
                jobs=job,
            )
        begun.append(job)


async def _runs(job: Job) -> int:
    return runs_of(job)


def _held(jobs: list[Job]) -> int:
    return sum(0 < len(job.sightings) < job.probe.ticks for job in jobs)


def _require_held(jobs: list[Job]) -> None:
    """What held the slots is still at work; else nothing can be said."""
    if not jobs:
        raise Inconclusive("not even the first job began")
    now_s = jobs[0].system.history.now_s()
    silent = [job for job in jobs if _held([job]) and now_s - job.sightings[-1].at_s > 5 * _STEP_S]
    if silent:
        raise Inconclusive("the jobs that held the slots made no progress either")
