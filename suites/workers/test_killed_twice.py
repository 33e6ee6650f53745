"""Jobs whose second worker is killed, too (completes `queueproof, "Any other queue"`, Workers)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    beside,
    eventually,
    expect_that,
    requirement,
    status,
)
from queueproof.case_helpers.moments import pass_time
from queueproof.running.launch import Launch
from queueproof.targets.full_slots import all_begun
from queueproof.targets.outcomes import runs_of

WORK = Probe(ticks=20, interval_s=0.3, witnessed=True)
BRIEF = Probe(ticks=1, interval_s=0.0)
#: More jobs than a worker has slots, so that one that takes a dead one's jobs is not done with it.
MORE = 4
TRAFFIC_EVERY_S = 1.0
SLACK_S = 2.0
_ENDED = (Ending.COMPLETED, Ending.FAILED, Ending.CANCELLED)


@requirement("WORK-013", wait=lambda t: 3 * (t.owner_death_s + WORK.duration_s))
async def test_jobs_whose_second_worker_was_killed_are_run_again_or_told(launch: Launch) -> None:
    """The second worker comes when all that the first one ran is to be taken up, and is killed as
    soon as it runs one of these jobs; other jobs come meanwhile.
    """
    lane = await launch.lane(workers=1)
    target = lane.system
    within_s = target.timings.owner_death_s + WORK.duration_s + SLACK_S
    slots = target.slots_a_worker
    jobs = [await target.submit(WORK) for _ in range(slots + MORE)]
    if not await all_begun(jobs[:slots], within_s=target.timings.recovery_s):
        raise Inconclusive("as many jobs as there are slots did not begin")

    lane.boot.crew[0].victim.send_to_family(signal.SIGKILL)
    await pass_time(target, target.timings.owner_death_s)
    async with beside(_traffic(target), who="the client whose jobs come meanwhile"):
        second = await launch.one_more_worker(lane)
        await _expect_taken_up(jobs, within_s=within_s)
        second.victim.send_to_family(signal.SIGKILL)
        await launch.one_more_worker(lane)
        bound_s = within_s + WORK.duration_s * (1 + MORE // slots)
        left = await _left(jobs, within_s=bound_s)

    expect_that(
        not left,
        expected=f"each of {len(jobs)} jobs to be told as ended within {bound_s:.0f} s of its "
        "second worker's death, with a third at work",
        actual=f"{len(left)} are not; the first of them was begun "
        f"{runs_of(left[0]) if left else 0} times",
        jobs=tuple(left[:3]),
    )


async def _expect_taken_up(jobs: Sequence[Job], *, within_s: float) -> None:
    """A job is at its work a second time; raises Inconclusive where none comes to that."""

    async def again() -> bool:
        return any(runs_of(job) > 1 for job in jobs)

    _, seen = await eventually(again, bool, within_s=within_s)
    if not seen:
        raise Inconclusive(f"in {within_s:.0f} s a second worker ran none of the first one's jobs")


async def _left(jobs: Sequence[Job], *, within_s: float) -> list[Job]:
    """The jobs that are not told to have ended in time."""

    left = list(jobs)

    async def unended() -> int:
        if left and (await status(left[0])).ending in _ENDED:
            left.pop(0)
        return len(left)

    await eventually(unended, lambda number: not number, within_s=within_s)
    return [job for job in left if (await status(job)).ending not in _ENDED]


async def _traffic(target: System) -> None:
    """Brief jobs: some queues look after dead workers only while others come."""
    while True:
        await target.try_submit(BRIEF)
        await asyncio.sleep(TRAFFIC_EVERY_S)
