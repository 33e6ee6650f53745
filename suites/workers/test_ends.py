"""What a job's end was told to be, and whom a failed one holds up (completes `queueproof, "Any
other queue"`, Workers).
"""

from __future__ import annotations

from queueproof.case import (
    Ending,
    Inconclusive,
    Probe,
    expect_that,
    requirement,
    status,
    throughout,
)
from queueproof.running.launch import Launch
from queueproof.targets.outcomes import ended
from queueproof.targets.statuses import StatusReply

BRIEF = Probe(ticks=2, interval_s=0.05, witnessed=True)
FAILING = Probe(ticks=2, interval_s=0.05, fail_at=1, witnessed=True)
FAILURES = 3


@requirement("WORK-001", wait=lambda t: t.owner_death_s + t.recovery_s)
async def test_a_finished_job_stays_finished_while_the_queue_cleans_up(launch: Launch) -> None:
    """Watched for longer than a lost job may take to be told of: what tells these acts by then."""
    target = (await launch.lane(workers=1)).system
    job = await target.submit(BRIEF)
    reply = await ended(job, within_s=target.timings.recovery_s)
    if reply.ending is not Ending.COMPLETED:
        raise Inconclusive(f"a brief job did not come to its end: {reply.state}")

    watched_s = target.timings.owner_death_s + target.timings.recovery_s
    told: list[StatusReply] = []

    async def asked() -> StatusReply:
        told.append(await status(job))
        return told[-1]

    # A result may expire, and then nothing is told of it: that is not another end.
    seen, held = await throughout(
        asked, lambda reply: reply.ending in (Ending.COMPLETED, None), for_s=watched_s
    )
    silent = [reply for reply in told if reply.ending is None]
    if held and len(silent) > len(told) / 2:
        looks = f"{len(told) - len(silent)} of {len(told)} looks"
        raise Inconclusive(f"its end was told in {looks}: {silent[0].words}")

    expect_that(
        held,
        expected=f"a finished job to be told as finished for {watched_s:.0f} s",
        actual=f"it was told as {seen.state}",
        jobs=job,
    )


@requirement("WORK-010")
async def test_after_failed_jobs_the_next_one_is_done(launch: Launch) -> None:
    """The worker has nothing else to do: what fails and what follows take no time to speak of."""
    target = (await launch.lane(workers=1)).system
    within_s = 2 * target.timings.answer_s
    for _ in range(FAILURES):
        failed = await target.submit(FAILING)
        job = await target.submit(BRIEF)
        reply = await ended(job, within_s=within_s)
        expect_that(
            reply.ending is Ending.COMPLETED,
            expected=f"the job after one that fails to be done within {within_s:.0f} s",
            actual=f"it is told as {reply.state}, {len(job.sightings)} of its {BRIEF.ticks} steps "
            "were done",
            jobs=(failed, job),
        )
