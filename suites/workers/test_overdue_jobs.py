"""Delayed jobs that became due while no worker ran (completes `queueproof, "Any other queue"`,
Workers).
"""

from __future__ import annotations

import asyncio
import signal

from queueproof.case import (
    Inconclusive,
    Job,
    NotAssessed,
    Probe,
    System,
    expect_that,
    requirement,
    throughout,
)
from queueproof.clock import waiting_for
from queueproof.config.deadlines import recovered_within_s
from queueproof.running.launch import Launch
from queueproof.targets.full_slots import all_begun_in_turn
from queueproof.targets.outcomes import runs_of

DELAYED = Probe(ticks=1, interval_s=0.0, delay_s=1.0, witnessed=True)
AT_ONCE = 10
#: The slowest front that is waited for takes so many submits a second.
A_SECOND = 20.0
STILL_S = 1.5


@requirement("WORK-014")
async def test_jobs_that_became_due_while_no_worker_ran_are_each_run_once(launch: Launch) -> None:
    """As many as are promised; a worker comes when all of them are due."""
    lane = await launch.lane(workers=1)
    target = lane.system
    promises = target.promises
    if promises is None or not promises.due_at_once:
        raise NotAssessed("not promised by the target file: needs [promises] due_at_once")
    lane.boot.crew[0].victim.send_to_family(signal.SIGKILL)
    jobs = await _submitted(target, promises.due_at_once)
    await asyncio.sleep(DELAYED.delay_s)
    await launch.one_more_worker(lane)

    stalled_s = promises.delay_late_s + recovered_within_s(target.timings)
    await all_begun_in_turn(jobs, stalled_s=stalled_s)

    async def twice() -> list[Job]:
        return [job for job in jobs if runs_of(job) > 1]

    again, _ = await throughout(twice, lambda found: not found, for_s=STILL_S)
    never = [job for job in jobs if not job.sightings]
    expect_that(
        not never and not again,
        expected=f"each of {len(jobs)} jobs done once",
        actual=f"{len(never)} were never begun, though none began for {stalled_s:.0f} s; "
        f"{len(again)} were done more than once",
        jobs=tuple([*never, *again][:3]),
    )


async def _submitted(target: System, number: int) -> list[Job]:
    """All of them; raises Inconclusive where one is refused."""
    waiting_for(number / A_SECOND)
    turn = asyncio.Semaphore(AT_ONCE)

    async def one() -> Job | None:
        async with turn:
            return (await target.try_submit(DELAYED))[0]

    jobs = [job for job in await asyncio.gather(*(one() for _ in range(number))) if job]
    if len(jobs) < number:
        raise Inconclusive(f"only {len(jobs)} of {number} submits were accepted")
    return jobs
