"""In which order waiting jobs are begun (completes `queueproof, "Any other queue"`, Workers)."""

from __future__ import annotations

from queueproof.case import Inconclusive, Probe, eventually, expect_that, requirement
from queueproof.running.launch import Launch

JOBS = 150
#: How many later ones may be begun before a job: those that a worker does side by side, and room.
OVERTAKEN_BY = 40
BRIEF = Probe(ticks=1, interval_s=0.02, witnessed=True)
FIRST = Probe(ticks=20, interval_s=0.1, witnessed=True)
WITHIN_S = 60.0


@requirement("WORK-005", wait=lambda _: WITHIN_S)
async def test_waiting_jobs_are_begun_in_about_their_order(launch: Launch) -> None:
    """Many brief ones wait behind jobs that take two seconds; a worker may do some side by side."""
    target = (await launch.lane(workers=1)).system
    for _ in range(8):
        await target.submit(FIRST)
    jobs = [await target.submit(BRIEF) for _ in range(JOBS)]

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
