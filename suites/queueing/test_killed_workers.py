"""What becomes of jobs whose worker is killed (completes `Flowise, "Running Flowise using
Queue"`, Queue Mode and 5. Completion & Response).

Which worker runs which job is not to be seen from outside, so several jobs are under way when one
worker is killed; those that then fall still are its jobs.
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Kind,
    Probe,
    System,
    expect_that,
    new_job,
    predict,
    require_service,
    requirement,
    work_begun,
)
from queueproof.case_helpers.worker_loss import Casualties, killed_worker, victim_and_work
from queueproof.faults import injected
from queueproof.targets.witness import Sighting

OTHERS = 4
TOLD = (Ending.FAILED, Ending.CANCELLED)


@requirement("QUEU-012", alone=True, wait=lambda t: t.owner_death_s)
async def test_a_killed_workers_job_is_not_run_again_behind_its_readers_back(
    target: System,
) -> None:
    """Either no tick is done twice, or the reader is told that something went wrong."""
    async with Casualties.of(target) as casualties:
        read = await casualties.read(bound_s=target.timings.owner_death_s)

    hidden = [
        delivery
        for delivery in read
        if delivery.ending not in TOLD and _done_twice(delivery.job.sightings)
    ]
    expect_that(
        not hidden,
        expected="no tick done twice without a word to the reader",
        actual="; ".join(
            f"ticks {_done_twice(delivery.job.sightings)[:4]} done twice, and the reader of "
            f"{len(delivery.ticks)} ticks saw: {delivery.ending.value}"
            for delivery in hidden
        ),
        jobs=tuple(delivery.job for delivery in hidden),
    )


@requirement("QUEU-013", alone=True)
async def test_after_a_worker_was_killed_the_others_take_jobs(target: System) -> None:
    """New predictions are answered, one after another, while the dead one's are still missed."""
    await require_service(target)
    async with injected(await killed_worker(target), target.history):
        probe = Probe(ticks=2, interval_s=0.05)
        replies = [await predict(new_job(target, probe)) for _ in range(OTHERS)]

    poor = [reply.words for reply in replies if reply.kind is not Kind.SUCCESS]
    expect_that(
        not poor,
        expected=f"{OTHERS} predictions answered by the workers that are left",
        actual=f"{len(poor)} were not: {poor[:1]}",
    )


@requirement("QUEU-014", alone=True, needs=("witness",), wait=lambda t: t.owner_death_s)
async def test_the_callers_of_a_killed_workers_jobs_are_answered(target: System) -> None:
    """Blocking predictions come back within the bound, with a result or with an error."""
    await require_service(target)
    fault, work = await victim_and_work(target)
    bound_s = target.timings.owner_death_s + work.duration_s
    jobs = [new_job(target, work) for _ in range(OTHERS)]
    asking = [asyncio.create_task(predict(job, within_s=bound_s + 10.0)) for job in jobs]
    await asyncio.gather(*(work_begun(job) for job in jobs))
    async with injected(fault, target.history):
        killed_s = target.history.now_s()
        _, waiting = await asyncio.wait(asking, timeout=bound_s)

    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    unanswered = [
        task.result().words for task in asking if task not in waiting and not task.result().answered
    ]
    victims = [job for job in jobs if _cut_short(job, killed_s)]
    if not victims and not waiting and not unanswered:
        raise Inconclusive("the killed worker ran none of the jobs")
    expect_that(
        not waiting and not unanswered,
        expected=f"every caller answered within {bound_s:.0f} s of the worker's death",
        actual=f"{len(waiting)} of {OTHERS} were still waiting then"
        + (f"; {len(unanswered)} lost their connection: {unanswered[0]}" if unanswered else ""),
        jobs=tuple(jobs),
    )


def _done_twice(sightings: list[Sighting]) -> list[int]:
    ticks = [seen.tick for seen in sightings]
    return sorted({tick for tick in ticks if ticks.count(tick) > 1})


def _cut_short(job: Job, killed_s: float) -> bool:
    """Whether a job's first run ended before its last tick, or it was run again."""
    before = [seen for seen in job.sightings if seen.at_s <= killed_s]
    after = [seen.tick for seen in job.sightings if seen.at_s > killed_s]
    return bool(before) and sorted(after) != list(range(len(before), job.probe.ticks))
