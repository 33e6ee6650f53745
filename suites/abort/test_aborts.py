"""An abort stops the job wherever it is, and its caller learns of it
(`Flowise, "Running Flowise using Queue"`, 3. Worker Processing).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Kind,
    Probe,
    System,
    eventually,
    expect_that,
    messages,
    new_job,
    predict,
    read_to_end,
    require_answer,
    requirement,
    still_working,
    throughout,
    work_begun,
)
from queueproof.config.deadlines import stopped_within_s
from queueproof.running.launch import Launch

WORK = Probe(ticks=60, interval_s=0.2, witnessed=True)
#: Longer than two aborts may take to be answered.
_LONG = Probe(ticks=300, interval_s=0.2, witnessed=True)
MANY = 6
CROWD, AT_ONCE = 104, 8
STILL_S = 1.0
TOLD = (Ending.CANCELLED, Ending.FAILED)


@requirement("ABRT-001", wait=stopped_within_s)
async def test_aborts_stop_jobs_on_whichever_worker_they_run(target: System) -> None:
    """Of several jobs, spread over the workers, all stop."""
    jobs = list(await asyncio.gather(*(target.submit(WORK) for _ in range(MANY))))
    await asyncio.gather(*(work_begun(job) for job in jobs))

    await asyncio.gather(*(abort(job) for job in jobs))

    running = await still_working(jobs)
    expect_that(
        not running,
        expected=f"all {MANY} jobs stop within {stopped_within_s(target.timings):.0f} s of their "
        "aborts",
        actual=f"{len(running)} of them still worked then",
        jobs=tuple(running),
    )


@requirement("ABRT-001", wait=stopped_within_s)
async def test_an_abort_that_is_answered_with_an_error_has_stopped_the_job_all_the_same(
    target: System,
) -> None:
    """Or takes it the second time. Of several jobs, spread over the workers, none goes on whose
    aborts are all answered with a server's error, while nothing is wrong with the deployment.
    """
    jobs = list(await asyncio.gather(*(target.submit(_LONG) for _ in range(MANY))))
    await asyncio.gather(*(work_begun(job) for job in jobs))

    told = await asyncio.gather(*(_all_errors(job) for job in jobs))

    in_vain = [job for job, errors in zip(jobs, told, strict=True) if errors]
    running = await still_working(in_vain)
    expect_that(
        not running,
        expected=f"aborts taken of {MANY} running jobs, at the second time of asking",
        actual=f"{len(running)} jobs still worked whose aborts were answered "
        f"{next(filter(None, told), '')}, twice",
        jobs=tuple(running),
    )


async def _all_errors(job: Job) -> str:
    """How the aborts of a job were answered, if each time with a server's error; else nothing."""
    words = ""
    for _ in range(2):
        reply = await job.system.cancel(job)
        if reply.kind is not Kind.SERVER_ERROR:
            return ""
        words = reply.words
    return words


@requirement("ABRT-007", wait=stopped_within_s)
async def test_in_main_mode_an_abort_stops_a_job_that_the_server_runs(launch: Launch) -> None:
    """Where there is neither a queue nor a worker."""
    lane = await launch.shared({"MODE": "main", "REDIS_URL": None}, workers=0)
    job = await lane.system.submit(WORK)
    await work_begun(job)

    await abort(job)

    running = await still_working([job])
    expect_that(
        not running,
        expected="in main mode, too, a job stops within "
        f"{stopped_within_s(lane.system.timings):.0f} s of its abort",
        actual="it still worked then",
        jobs=job,
    )


@requirement("ABRT-006", wait=stopped_within_s)
async def test_an_abort_stops_every_prediction_of_a_chat(target: System) -> None:
    """Three at once in one chat: there is no other way to stop the first of them."""
    first = new_job(target, WORK)
    jobs = [first, *(replace(new_job(target, WORK), id=first.id) for _ in range(2))]
    asking = [asyncio.create_task(predict(job)) for job in jobs]
    try:
        await asyncio.gather(*(work_begun(job) for job in jobs))
        await abort(first)
        running = await still_working(jobs)
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    expect_that(
        not running,
        expected=f"all {len(jobs)} predictions of the chat stop within "
        f"{stopped_within_s(target.timings):.0f} s of its abort",
        actual=f"{len(running)} of them still worked then",
        jobs=tuple(running),
    )


@requirement("ABRT-002")
async def test_a_job_that_is_aborted_while_it_waits_never_runs(launch: Launch) -> None:
    """It waits behind another on the only worker; once that is gone, a later one runs instead."""
    target = await one_at_a_time(launch)
    running, waiting, later = await three_in_a_row(target)
    await abort(waiting)
    await abort(running)

    async def begun() -> tuple[int, int]:
        return len(waiting.sightings), len(later.sightings)

    (ran, next_one), _ = await eventually(begun, any, within_s=2 * stopped_within_s(target.timings))
    if not (ran or next_one):
        raise Inconclusive("neither the aborted job nor the one behind it was begun")
    _, idle = await throughout(begun, lambda ticks: ticks[0] == 0, for_s=STILL_S)
    expect_that(
        idle,
        expected="the aborted job never runs; the one behind it did",
        actual=f"it did {len(waiting.sightings)} ticks",
        jobs=waiting,
    )


@requirement("ABRT-002")
async def test_the_reader_of_a_job_aborted_while_it_waits_is_told(launch: Launch) -> None:
    """Its stream ends by saying so, while one runs in front and a hundred wait between."""
    target = await one_at_a_time(launch)
    await work_begun(await target.submit(_LONG))
    for _ in range(CROWD // AT_ONCE):
        await asyncio.gather(*(target.submit(_LONG) for _ in range(AT_ONCE)))
    waiting = await target.submit(_LONG)
    async with target.stream(waiting) as stream:
        await abort(waiting)
        read = await read_to_end(stream, within_s=stopped_within_s(target.timings))

    expect_that(
        read.ending in TOLD,
        expected=f"told within {stopped_within_s(target.timings):.0f} s that the job is cancelled",
        actual=f"{read.ending.value} {read.detail}".strip(),
        jobs=waiting,
    )


@requirement("ABRT-003", needs=("witness",), wait=stopped_within_s)
async def test_the_caller_who_waits_for_an_aborted_job_is_told(target: System) -> None:
    """A blocking prediction is answered, and not as if it had a result."""
    job = new_job(target, WORK)
    bound_s = stopped_within_s(target.timings)
    asking = asyncio.create_task(predict(job, within_s=WORK.duration_s + bound_s))
    await work_begun(job)
    await abort(job)

    done, _ = await asyncio.wait({asking}, timeout=bound_s)

    asking.cancel() if not done else None
    reply = asking.result() if done else None
    expect_that(
        reply is not None and reply.ending in TOLD,
        expected=f"an answer within {bound_s:.0f} s that the job was cancelled",
        actual=f"{reply.words} {reply.text[:40]!r}" if reply else f"none after {bound_s:.0f} s",
        jobs=job,
    )


@requirement("ABRT-004")
async def test_an_abort_after_the_end_changes_nothing(target: System) -> None:
    """The result is in the database before and after."""
    job = new_job(target, Probe(ticks=2, interval_s=0.05))
    reply = await predict(job)
    require_answer(reply, Kind.SUCCESS, to="the prediction")
    before = await messages(job)
    require_answer(before, 200, to="the question for the chat's messages")
    if reply.text not in before.content("apiMessage"):
        raise Inconclusive("the result was not in the database before")

    await target.cancel(job)

    after = await messages(job)
    require_answer(after, 200, to="the question for the chat's messages")
    expect_that(
        after.content("apiMessage") == before.content("apiMessage"),
        expected="the same messages as before the abort",
        actual=f"{after.words}: {after.content('apiMessage')[:3]}",
        jobs=job,
    )


async def abort(job: Job) -> None:
    """Abort; a refused abort promises nothing."""
    reply = await job.system.cancel(job)
    if not reply.claims_success:
        raise Inconclusive(f"the abort was not taken: {reply.words}")


async def one_at_a_time(launch: Launch) -> System:
    """A target whose only worker runs one job at once."""
    return await launch.system({"WORKER_CONCURRENCY": "1"}, workers=1)


async def three_in_a_row(target: System) -> tuple[Job, Job, Job]:
    """A job that runs and two that wait behind it."""
    running = await target.submit(WORK)
    await work_begun(running)
    waiting = await target.submit(WORK)
    later = await target.submit(WORK)
    return running, waiting, later
