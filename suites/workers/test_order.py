"""In which order waiting jobs are begun (completes `queueproof, "Any other queue"`, Workers)."""

from __future__ import annotations

import asyncio

from queueproof.case import Inconclusive, Job, Probe, System, eventually, expect_that, requirement
from queueproof.checkers.overlap import most_at_once
from queueproof.running.launch import Launch

JOBS = 150
#: So many are submitted at a time, for all to be there before the first slot is free.
AT_ONCE = 8
#: How many later ones may be begun before a job: those that a worker does side by side, and room.
OVERTAKEN_BY = 40
BRIEF = Probe(ticks=1, interval_s=0.02, witnessed=True)
#: As many as a worker may do at once where it is not declared.
SIDE_BY_SIDE = 8
FIRST = tuple(Probe(ticks=ticks, interval_s=0.1, witnessed=True) for ticks in (20, 100))
WITHIN_S = 60.0


@requirement("WORK-005", wait=lambda _: WITHIN_S)
async def test_waiting_jobs_are_begun_in_about_their_order(launch: Launch) -> None:
    """Many brief ones wait behind jobs that take some seconds; a worker may do some side by side.

    Where it has done the first before the last brief one came, once more with longer ones.
    """
    target = (await launch.lane(workers=1)).system
    for first in FIRST:
        waited = await _most_of_them_waited(target, first)
        if waited > OVERTAKEN_BY:
            return
    raise Inconclusive(
        f"{waited} jobs waited at one time at most: too few for any to be overtaken by more than "
        f"{OVERTAKEN_BY}"
    )


async def _most_of_them_waited(target: System, first: Probe) -> int:
    """How many jobs waited at one time; raises Violation where one was overtaken."""
    for _ in range(max(SIDE_BY_SIDE, target.slots_a_worker)):
        await target.submit(first)
    turn = asyncio.Semaphore(AT_ONCE)

    async def submitted() -> Job:
        async with turn:
            return await target.submit(BRIEF)

    # Whoever has its turn may wait for a connection: the order is that in which they were sent.
    jobs = sorted(
        await asyncio.gather(*(submitted() for _ in range(JOBS))), key=lambda job: job.submitted_s
    )

    async def begun() -> int:
        return sum(bool(job.sightings) for job in jobs)

    number, _ = await eventually(begun, lambda n: n == JOBS, within_s=WITHIN_S)
    if number < JOBS:
        raise Inconclusive(f"{number} of {JOBS} jobs were begun within {WITHIN_S:.0f} s")
    at_s = [job.sightings[0].at_s for job in jobs]
    overtaken = [sum(later < mine for later in at_s[i + 1 :]) for i, mine in enumerate(at_s)]
    worst = max(range(JOBS), key=overtaken.__getitem__)

    expect_that(
        overtaken[worst] <= OVERTAKEN_BY,
        expected=f"no job overtaken by more than {OVERTAKEN_BY} later ones",
        actual=f"job {worst} of {JOBS} was begun after {overtaken[worst]} that came later",
        jobs=jobs[worst],
    )
    return most_at_once((job.submitted_s, begun) for job, begun in zip(jobs, at_s, strict=True))
