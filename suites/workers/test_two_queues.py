"""Two queues that share a Redis and nothing else (completes `queueproof, "Any other queue"`,
Workers).
"""

from __future__ import annotations

import asyncio
import signal

from queueproof.case import (
    Inconclusive,
    Probe,
    expect_that,
    requirement,
    throughout,
)
from queueproof.running.launch import Launch
from queueproof.targets.full_slots import all_begun
from queueproof.targets.job import Job

BRIEF = Probe(ticks=2, interval_s=0.05, witnessed=True)
EACH = 6
ALONE_S = 2.0
STILL_S = 1.0


@requirement("WORK-011", wait=lambda t: ALONE_S + STILL_S + t.recovery_s)
async def test_two_queues_on_one_redis_take_nothing_of_each_other(launch: Launch) -> None:
    """The other queue has no worker for a while, so that whoever takes its jobs is a stranger."""
    other_queue = launch.other_queue()
    one = await launch.lane(workers=1)
    other = await launch.lane(other_queue, workers=1, redis=one.redis)
    worker = other.boot.crew[0]
    worker.victim.send_to_family(signal.SIGKILL)
    await worker.child.wait()

    theirs = [await other.system.submit(BRIEF) for _ in range(EACH)]
    own = [await one.system.submit(BRIEF) for _ in range(EACH)]
    within_s = one.system.timings.recovery_s
    if not await all_begun(own, within_s=within_s):
        raise Inconclusive(f"the first queue did not do its own jobs within {within_s:.0f} s")
    await throughout(lambda: _begun(theirs), lambda number: not number, for_s=ALONE_S)
    taken = await _begun(theirs)
    await launch.one_more_worker(other)
    done = taken == 0 and await all_begun(theirs, within_s=within_s)
    await asyncio.sleep(STILL_S)

    runs = [sum(seen.tick == 0 for seen in job.sightings) for job in (*own, *theirs)]
    expect_that(
        done and runs == [1] * len(runs),
        expected=f"{EACH} jobs of each queue done once, by its own workers",
        actual=f"{taken} of the other queue's {EACH} jobs were begun while it had no worker; once "
        f"it had one, {sum(run > 0 for run in runs[EACH:])} were; begun more than once: "
        f"{sum(run > 1 for run in runs)}",
        jobs=(theirs[0], own[0]),
    )


async def _begun(jobs: list[Job]) -> int:
    return sum(bool(job.sightings) for job in jobs)
