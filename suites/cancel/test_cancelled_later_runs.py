"""Cancels of running jobs that did not begin at once: that were delayed, or are run again
(completes `queueproof, "Any other queue"`, Cancelling).
"""

from __future__ import annotations

from queueproof.case import (
    Job,
    Probe,
    System,
    cancel_running,
    expect_that,
    requirement,
    stops,
    work_begun,
)
from queueproof.case_helpers.later_runs import require_second_run, require_soon_retries

_ANY_OTHER = ("generic",)
_DELAYED = Probe(ticks=200, interval_s=0.1, delay_s=1.0, witnessed=True)
_SECOND_TIME = Probe(ticks=200, interval_s=0.1, fail_times=1, retries=1, witnessed=True)


@requirement(
    "CANC-017",
    contracts=_ANY_OTHER,
    wait=lambda t: 1.0 + t.cancel_effect_s,
    promises=("delay_late_s",),
)
async def test_a_cancel_stops_a_running_job_that_was_delayed(target: System) -> None:
    """It is cancelled once its time has come and it works."""
    job = await target.submit(_DELAYED)
    await work_begun(job)

    await _expect_cancelled(job, what="a job that was delayed")


@requirement(
    "CANC-017", contracts=_ANY_OTHER, wait=lambda t: t.cancel_effect_s, promises=("retries",)
)
async def test_a_cancel_stops_a_job_in_its_second_run(target: System) -> None:
    """It has failed once, and is cancelled when it works again."""
    require_soon_retries(target)
    job = await target.submit(_SECOND_TIME)
    await require_second_run(job)

    await _expect_cancelled(job, what="a job that is run again")


async def _expect_cancelled(job: Job, *, what: str) -> None:
    await cancel_running(job)
    bound_s = job.system.timings.cancel_effect_s
    expect_that(
        await stops(job, within_s=bound_s),
        expected=f"the work of {what} to stop within {bound_s} s of the cancel's success",
        actual=f"it goes on: {len(job.sightings)} steps were done",
        jobs=job,
    )
