"""Who runs jobs, and how many at once (`Flowise, "Running Flowise using Queue"`, Queue Mode)."""

from __future__ import annotations

import asyncio
import itertools
import signal

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Kind,
    PredictReply,
    Probe,
    System,
    eventually,
    expect,
    expect_that,
    new_job,
    predict,
    read_stream,
    requirement,
    throughout,
    work_begun,
)
from queueproof.checkers.overlap import most_at_once
from queueproof.faults import injected
from queueproof.faults.shared.signalled_process import EndedProcess
from queueproof.running.launch import Launch

ONE = Probe(ticks=2, interval_s=0.8, witnessed=True)
LENGTHY = Probe(ticks=2, interval_s=3.0, witnessed=True)
BRIEF = Probe(ticks=2, interval_s=0.05, witnessed=True)
FAILING = Probe(ticks=2, interval_s=0.05, fail_at=1)
ONE_AT_A_TIME = {"WORKER_CONCURRENCY": "1"}
#: A busy server that helps out takes a job late.
WAITING_S = 4.0
JOBS = 200
AT_ONCE = 25
TWELVE = 12
CHANGES_AFTER = 40
#: Between the jobs of one line that only wait for a worker to come.
NO_HURRY_S = 0.3

Asked = tuple[Job, PredictReply]


@requirement("QUEU-001", wait=lambda _: WAITING_S)
async def test_without_a_worker_a_job_waits(launch: Launch) -> None:
    """The witness hears nothing of a job that no worker can take."""
    target = (await launch.shared({"QUEUE_NAME": None}, workers=0)).system
    job = await target.submit(ONE)

    async def ticks() -> int:
        return len(job.sightings)

    done, waited = await throughout(ticks, lambda number: number == 0, for_s=WAITING_S)

    expect_that(
        waited,
        expected=f"no tick within {WAITING_S:.0f} s: there is no worker",
        actual=f"{done} ticks were done, by the server itself",
        jobs=job,
    )


@requirement("QUEU-002")
async def test_a_job_that_waited_runs_when_a_worker_comes(launch: Launch) -> None:
    """Its stream, open all the while, then tells of every tick."""
    lane = await launch.lane({}, workers=0)
    job = await lane.system.submit(ONE)
    reading = asyncio.create_task(read_stream(job, within_s=60.0))
    await launch.one_more_worker(lane)

    delivered = await reading

    expect(delivered).to_have_ended(Ending.COMPLETED)
    expect(delivered).to_be_complete_and_in_order()


@requirement("QUEU-003")
async def test_in_main_mode_the_server_runs_the_job(launch: Launch) -> None:
    """Without a worker, and without any word of Redis in its settings."""
    lane = await launch.shared(
        {"MODE": "main", "REDIS_URL": None},
        workers=0,
        owed="a server in main mode needs neither Redis nor a worker",
    )
    job = new_job(lane.system, BRIEF)

    reply = await predict(job)

    expect_that(
        reply.text == "tick-1" and len(job.sightings) == BRIEF.ticks,
        expected="200 with the result, and the job done",
        actual=f"{reply.words} {reply.text!r}, {len(job.sightings)} ticks done",
        jobs=job,
    )


@requirement("QUEU-004", wait=lambda _: 2.4)
async def test_a_worker_runs_as_many_jobs_at_once_as_its_concurrency(launch: Launch) -> None:
    """Six jobs for one worker of two: two at once, never three."""
    target = await launch.system({"WORKER_CONCURRENCY": "2"}, workers=1)

    most = await _most_at_once(target, 6)

    expect_that(most == 2, expected="2 jobs at once at most", actual=f"{most} at once")


@requirement("QUEU-004")
async def test_a_job_that_fails_or_is_aborted_gives_its_place_back(launch: Launch) -> None:
    """The only worker runs one job at a time: one that fails, one that is aborted; the next one
    is answered each time.
    """
    target = (await launch.shared(ONE_AT_A_TIME, workers=1)).system
    failed = await predict(new_job(target, FAILING))
    if not failed.answered or failed.kind is Kind.SUCCESS:
        raise Inconclusive(f"the flow that fails was not told to have failed: {failed.words}")
    await _expect_answered(target, after="failed")

    aborted = await target.submit(LENGTHY)
    await work_begun(aborted)
    reply = await target.cancel(aborted)
    if not reply.claims_success:
        raise Inconclusive(f"the abort was not taken: {reply.words}")
    await _expect_answered(target, after="was aborted")


@requirement("QUEU-011", wait=lambda _: 3.0)
async def test_by_default_a_worker_runs_many_jobs_at_once(launch: Launch) -> None:
    """Most of twelve jobs of a worker whose concurrency is not set overlap.

    They last long, so that a busy machine, which starts them one after another, is not taken for
    a worker of low concurrency.
    """
    target = await launch.system({"WORKER_CONCURRENCY": None}, workers=1)

    most = await _most_at_once(target, TWELVE, LENGTHY)

    expect_that(
        most > TWELVE / 2,
        expected=f"most of {TWELVE} jobs under way at one time",
        actual=f"{most} at once",
    )


@requirement("QUEU-005", wait=lambda _: 4.0)
async def test_a_worker_that_is_added_takes_jobs(launch: Launch) -> None:
    """Two workers of one job each run two at once, where one alone could not."""
    lane = await launch.lane({"WORKER_CONCURRENCY": "1"}, workers=1)
    alone = await _most_at_once(lane.system, 2)
    if alone != 1:
        raise Inconclusive(f"one worker of concurrency 1 ran {alone} jobs at once")
    await launch.one_more_worker(lane)

    most = await _most_at_once(lane.system, 4)

    expect_that(most == 2, expected="2 jobs at once on two workers", actual=f"{most} at once")


@requirement("QUEU-006", wait=lambda _: 3.0)
async def test_workers_that_come_and_go_lose_nothing_and_run_nothing_twice(
    launch: Launch,
) -> None:
    """Two hundred jobs or more: they go on until one worker was added and another has stopped."""
    lane = await launch.lane({"WORKER_CONCURRENCY": "5"}, workers=2)
    await _expect_calm_at_this_load(lane.system)
    asked, changed = list[Asked](), asyncio.Event()
    lines = asyncio.gather(*(_line(lane.system, asked, changed) for _ in range(AT_ONCE)))
    try:
        await eventually(lambda: _number(asked), lambda n: n > CHANGES_AFTER, within_s=30.0)
        await launch.one_more_worker(lane)
        leaving = EndedProcess(lane.boot.crew[0].victim, "a worker", by=signal.SIGTERM)
        async with injected(leaving, lane.system.history):
            changed.set()
            await lines
    finally:
        lines.cancel()

    lost = [(job, reply) for job, reply in asked if reply.text != "tick-1"]
    words = lost[0][1].words if lost else ""
    twice = [job for job, _ in asked if [seen.tick for seen in job.sightings] != [0, 1]]
    expect_that(
        not lost and not twice,
        expected=f"{len(asked)} results, and every tick of every job done once",
        actual=f"{len(lost)} without their result, {len(twice)} with ticks missing or twice"
        + (f": {words}" if words else ""),
        jobs=tuple([*(job for job, _ in lost), *twice][:3]),
    )


@requirement("QUEU-010", wait=lambda _: 5.4)
async def test_jobs_that_wait_are_begun_in_the_order_in_which_they_came(launch: Launch) -> None:
    """Behind a running job on the only worker, three that came one after another."""
    target = await launch.system({"WORKER_CONCURRENCY": "1"}, workers=1)
    assert target.redis is not None
    first = await target.submit(LENGTHY)
    await work_begun(first)
    jobs = []
    for _ in range(3):
        job = await target.submit(ONE)
        await target.redis.hash_with(job.key, within_s=target.timings.answer_s)
        jobs.append(job)
    queued_s = target.history.now_s()
    await asyncio.gather(*(work_begun(job) for job in jobs))

    begun = [job.sightings[0].at_s for job in jobs]

    expect_that(
        begun == sorted(begun),
        expected="begun first, second, third",
        actual=f"begun at {', '.join(f'{at_s:.2f} s' for at_s in begun)}",
        jobs=tuple(jobs),
    )
    if min(begun) < queued_s:
        raise Inconclusive("one had begun before the last was submitted: they did not all wait")


async def _expect_answered(target: System, *, after: str) -> None:
    job = new_job(target, BRIEF)

    reply = await predict(job, within_s=target.within(BRIEF) + target.timings.recovery_s)

    expect_that(
        reply.text == "tick-1",
        expected=f"200 with the result of a job that follows one that {after}",
        actual=f"{reply.words} {reply.text!r}",
        jobs=job,
    )


async def _most_at_once(target: System, number: int, probe: Probe = ONE) -> int:
    """How many of `number` jobs asked for together were under way at one time.

    From a job's first tick to its last is less than its life, so this never counts too many.
    """
    jobs = [new_job(target, probe) for _ in range(number)]
    replies = await asyncio.gather(*(predict(job, within_s=60.0) for job in jobs))
    for job, reply in zip(jobs, replies, strict=True):
        if reply.kind is not Kind.SUCCESS or len(job.sightings) != probe.ticks:
            raise Inconclusive(f"a job did {len(job.sightings)} ticks: {reply.words}")
    return most_at_once((job.sightings[0].at_s, job.sightings[-1].at_s) for job in jobs)


async def _expect_calm_at_this_load(target: System) -> None:
    """As many jobs at once as later, while no worker comes or goes, must all end well."""
    jobs = [new_job(target, BRIEF) for _ in range(AT_ONCE)]
    replies = await asyncio.gather(*(predict(job, within_s=60.0) for job in jobs))
    poor = [reply.words for reply in replies if reply.kind is not Kind.SUCCESS]
    if poor:
        raise Inconclusive(f"{len(poor)} of {len(jobs)} jobs fail while nothing changes: {poor[0]}")


async def _line(target: System, asked: list[Asked], changed: asyncio.Event) -> None:
    """One job after another: its share of all, and more of them until the workers `changed`.

    A worker may take longer to boot than all the others take.
    """
    for number in itertools.count(1):
        if number > JOBS / AT_ONCE:
            if changed.is_set():
                return
            await asyncio.sleep(NO_HURRY_S)
        job = new_job(target, BRIEF)
        asked.append((job, await predict(job, within_s=60.0)))


async def _number(asked: list[Asked]) -> int:
    return len(asked)
