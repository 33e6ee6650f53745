"""What can be done with a job that has run for longer than the time to live
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Probe,
    System,
    Timings,
    Worker,
    expect_that,
    kept_alive,
    requirement,
    stops,
    throughout,
    work_begun,
)

_WORK = Probe(ticks=3000, interval_s=0.2, witnessed=True)
_BEYOND_S = 1.0


def _beyond(timings: Timings) -> float:
    return timings.stream_ttl_s + _BEYOND_S


@requirement("TTL-008", workers=2, needs=("witness",), wait=_beyond)
async def test_a_job_that_has_run_longer_than_the_time_to_live_can_be_cancelled_elsewhere(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Its user's cancel, at a worker that has not seen the job yet, stops the work."""
    job = await target.submit(_WORK, via=workers[0])
    await work_begun(job)
    async with kept_alive(job, via=job.owner):
        _, served = await throughout(target.healthy, bool, for_s=_beyond(target.timings))
        if not served:
            raise Inconclusive("the target did not answer meanwhile")

        reply = await target.cancel(job, via=workers[-1])

        stopped = await stops(job)
    expect_that(
        reply.claims_success and stopped,
        expected=f"a cancel {_beyond(target.timings):.0f} s into the job taken, the work stopped",
        actual=f"answered {reply.words}, and the work {'stopped' if stopped else 'went on'}",
        jobs=job,
    )
