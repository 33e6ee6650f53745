"""Jobs whose only worker is killed, or told to stop, and replaced, in a queue without other traffic
(completes `queueproof, "Any other queue"`, Workers).
"""

from __future__ import annotations

import asyncio
import signal

from queueproof.case import (
    Ending,
    Inconclusive,
    Probe,
    eventually,
    expect_that,
    requirement,
    status,
    work_begun,
)
from queueproof.checkers.outage_durations import LOSS_TO_KNOWN
from queueproof.running.launch import Launch
from queueproof.targets.job import Job
from queueproof.targets.outcomes import ended, runs_of

WORK = Probe(ticks=12, interval_s=0.3, witnessed=True)
LONG = Probe(ticks=20, interval_s=0.25, witnessed=True)
SLACK_S = 2.0


@requirement("WORK-006", wait=lambda t: t.owner_death_s + WORK.duration_s)
async def test_a_killed_workers_job_is_run_again_or_told(launch: Launch) -> None:
    """A new worker takes the dead one's place; the job comes to some end that is told."""
    job, within_s = await _struck(launch)
    killed_s = job.system.history.now_s()

    reply = await ended(job, within_s=within_s)

    again_s = [seen.at_s for seen in job.sightings if seen.tick == 0][1:]
    if again_s or reply.ending is not None:
        known_s = min([*again_s, job.system.history.now_s()])
        job.system.history.measure(LOSS_TO_KNOWN, [known_s - killed_s])
    expect_that(
        reply.ending is not None,
        expected=f"the job to be told as ended within {within_s:.0f} s of its worker's death",
        actual=f"it is told as {reply.state or reply.words}, and was begun {runs_of(job)} times",
        jobs=job,
    )


@requirement("WORK-007", wait=lambda t: t.owner_death_s + WORK.duration_s)
async def test_a_killed_workers_job_is_run_again_where_that_is_promised(launch: Launch) -> None:
    """To be told as failed is not enough."""
    job, within_s = await _struck(launch)

    async def done() -> bool:
        return runs_of(job) > 1 and (await status(job)).ending is Ending.COMPLETED

    _, again = await eventually(done, bool, within_s=within_s)

    expect_that(
        again,
        expected=f"the job to be run again to its end within {within_s:.0f} s of its worker's "
        "death",
        actual=f"it was begun {runs_of(job)} times and is told as {(await status(job)).state}",
        jobs=job,
    )
    left = set(WORK.expected_ticks) - {sighting.tick for sighting in job.sightings}
    expect_that(
        not left,
        expected="every step done, in one of its runs, when it is told to have completed",
        actual=f"{len(left)} of {WORK.ticks} steps were not done: {sorted(left)[:5]}",
        jobs=job,
    )


@requirement("WORK-009", wait=lambda t: t.owner_death_s + LONG.duration_s)
async def test_a_job_whose_worker_is_told_to_stop_is_done_once_or_told(launch: Launch) -> None:
    """SIGTERM in mid-job; another worker takes over at once."""
    lane = await launch.lane(workers=1)
    target = lane.system
    job = await target.submit(LONG)
    await work_begun(job)
    await launch.one_more_worker(lane)
    lane.boot.crew[0].victim.send(signal.SIGTERM)
    if len(job.sightings) >= LONG.ticks:
        raise Inconclusive("the job had come to its end before its worker was told to stop")
    await asyncio.sleep(LONG.duration_s + SLACK_S)

    reply = await ended(job, within_s=target.timings.owner_death_s)

    steps = [sighting.tick for sighting in job.sightings]
    twice = sorted({step for step in steps if steps.count(step) > 1})
    left = sorted(set(LONG.expected_ticks) - set(steps))
    done_once = reply.ending is Ending.COMPLETED and not twice and not left
    expect_that(
        done_once or reply.ending in (Ending.FAILED, Ending.CANCELLED),
        expected="each step done once and the job told as finished, or told as failed",
        actual=f"{len(twice)} steps were done twice {twice[:5]}, {len(left)} not at all "
        f"{left[:5]}, and the job is told as {reply.state or reply.words}",
        jobs=job,
    )


async def _struck(launch: Launch) -> tuple[Job, float]:
    """A job whose worker was killed with all its processes and replaced, and the bound for it."""
    lane = await launch.lane(workers=1)
    target = lane.system
    job = await target.submit(WORK)
    await work_begun(job)
    lane.boot.crew[0].victim.send_to_family(signal.SIGKILL)
    if len(job.sightings) >= WORK.ticks:
        raise Inconclusive("the job had come to its end before its worker was killed")
    await launch.one_more_worker(lane)
    return job, target.timings.owner_death_s + WORK.duration_s + SLACK_S
