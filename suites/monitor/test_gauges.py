"""The monitor's gauges: jobs, bridges, readers and background tasks of one worker
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Response body).

A gauge must rise with what it counts and fall with it again.
"""

from __future__ import annotations

from contextlib import AsyncExitStack

from queueproof.case import (
    CounterDelta,
    Ending,
    Inconclusive,
    Job,
    OpenStream,
    Probe,
    System,
    Worker,
    eventually,
    in_words,
    kept_alive,
    matches,
    read_counters,
    read_stream,
    read_to_end,
    read_until_tick,
    require_answer,
    require_over,
    require_running,
    requirement,
    uninvolved_worker,
)

RUNNING = Probe(ticks=100, interval_s=0.2)
WORKING = Probe(ticks=100, interval_s=0.2, witnessed=True)
PAIR, DOZEN = 2, 12
BRIEF = Probe(ticks=8, interval_s=0.2)
TASKS = "background_task_count"
QUICK = Probe(ticks=2, interval_s=0.05)


@requirement("MONI-004", workers=2, alone=True)
async def test_a_running_job_counts_as_active_on_its_owner_alone(target: System) -> None:
    """active_jobs rises by one on the worker that accepted the job, and nowhere else.

    So it does with each of several.
    """
    tally = await CounterDelta.begin(target)
    job = await target.submit(RUNNING)
    async with kept_alive(job, via=job.owner):
        rise = await _rise(tally, "active_jobs", {job.owner: 1})
    await _expect_rise(
        tally, "active_jobs", rise, {job.owner: 1}, while_="the job runs", jobs=(job,)
    )

    others = range(_several(target) - 1)
    jobs = (job, *[await target.submit(RUNNING, via=job.owner) for _ in others])
    expected = {job.owner: len(jobs)}
    async with AsyncExitStack() as clients:
        for one in jobs:
            await clients.enter_async_context(kept_alive(one, via=one.owner))
        rise = await _rise(tally, "active_jobs", expected)
    await _expect_rise(tally, "active_jobs", rise, expected, while_="several jobs run", jobs=jobs)


@requirement("MONI-005", alone=True)
async def test_a_finished_job_is_no_longer_active(target: System) -> None:
    """active_jobs is back where it was once the job has ended and was read."""
    tally = await CounterDelta.begin(target)
    job = await _complete(target)

    rise = await _rise(tally, "active_jobs", {})

    await _expect_rise(tally, "active_jobs", rise, {}, while_="the job has ended", jobs=(job,))


@requirement("MONI-006", workers=2, alone=True)
async def test_running_bridges_are_counted_on_the_owner_alone(target: System) -> None:
    """Several running jobs of one worker: bridge_count rises there by as many, nowhere else."""
    tally = await CounterDelta.begin(target)
    several = range(_several(target))
    jobs = tuple([await target.submit(RUNNING, via=target.workers[0]) for _ in several])
    expected = {target.workers[0]: len(jobs)}

    async with AsyncExitStack() as clients:
        for job in jobs:
            await clients.enter_async_context(kept_alive(job, via=job.owner))
        rise = await _rise(tally, "bridge_count", expected)

    await _expect_rise(tally, "bridge_count", rise, expected, while_="several jobs run", jobs=jobs)


@requirement("MONI-006", alone=True)
async def test_no_bridge_is_counted_after_the_end(target: System) -> None:
    """bridge_count is back where it was once the job has ended and was read."""
    tally = await CounterDelta.begin(target)
    job = await _complete(target)

    rise = await _rise(tally, "bridge_count", {})

    await _expect_rise(tally, "bridge_count", rise, {}, while_="the job has ended", jobs=(job,))


@requirement("MONI-007", workers=2, alone=True)
async def test_readers_are_counted_on_the_worker_they_read_on(target: System) -> None:
    """Two jobs are streamed through one worker: consumer_wrapper_count rises there by two."""
    tally = await CounterDelta.begin(target)
    owner, reader = target.workers[:2]
    jobs = tuple([await target.submit(RUNNING, via=owner) for _ in range(2)])
    expected = {reader: len(jobs)}
    async with AsyncExitStack() as streams:
        for job in jobs:
            await read_until_tick(await _open(streams, job, reader), 0)
        rise = await _rise(tally, "consumer_wrapper_count", expected)

    while_ = f"two streams are open on worker {reader}"
    await _expect_rise(tally, "consumer_wrapper_count", rise, expected, while_=while_, jobs=jobs)


@requirement("MONI-007", workers=2, alone=True)
async def test_readers_of_one_job_are_counted_each(target: System) -> None:
    """One job is streamed several times on one worker: consumer_wrapper_count rises by as many."""
    tally = await CounterDelta.begin(target)
    (owner, reader), several = target.workers[:2], _several(target)
    job = await target.submit(RUNNING, via=owner)
    async with AsyncExitStack() as streams:
        for _ in range(several):
            await read_until_tick(await _open(streams, job, reader), 0)
        rise = await _rise(tally, "consumer_wrapper_count", {reader: several})

    while_ = f"{several} streams of one job are open on worker {reader}"
    await _expect_rise(
        tally, "consumer_wrapper_count", rise, {reader: several}, while_=while_, jobs=(job,)
    )


@requirement("MONI-007", workers=2, alone=True)
async def test_readers_are_not_counted_after_they_have_read(target: System) -> None:
    """consumer_wrapper_count is back where it was once the stream has ended."""
    tally = await CounterDelta.begin(target)
    job = await target.submit(BRIEF)
    async with target.stream(job, via=target.others(job.owner)[0]) as stream:
        delivered = await read_to_end(stream)
    if not delivered.ending.is_end:
        raise Inconclusive(f"the stream did not end: {delivered.detail}")

    rise = await _rise(tally, "consumer_wrapper_count", {})

    await _expect_rise(
        tally, "consumer_wrapper_count", rise, {}, while_="nobody reads", jobs=(job,)
    )


@requirement("MONI-007", workers=2, alone=True)
async def test_a_reader_that_has_left_is_not_counted(target: System) -> None:
    """consumer_wrapper_count is back where it was once a client has dropped its stream."""
    tally = await CounterDelta.begin(target)
    job = await target.submit(RUNNING)
    async with AsyncExitStack() as streams:
        await read_until_tick(await _open(streams, job, target.others(job.owner)[0]), 0)

    rise = await _rise(tally, "consumer_wrapper_count", {})

    await _expect_rise(
        tally, "consumer_wrapper_count", rise, {}, while_="nobody reads", jobs=(job,)
    )


@requirement("MONI-008", workers=2, alone=True)
async def test_background_tasks_come_to_an_end(target: System) -> None:
    """After completed, cancelled and dropped builds background_task_count is 0 everywhere."""
    tally = await CounterDelta.begin(target)
    jobs = [await _complete(target), *[await target.submit(WORKING) for _ in range(2)]]
    await target.cancel(jobs[1], via=target.others(jobs[1].owner)[0])
    async with target.stream(jobs[2], via=uninvolved_worker(jobs[2], jobs[2].owner)) as stream:
        await read_until_tick(stream, 0)

    async def tasks() -> dict[Worker, int]:
        counters = await read_counters(target)
        if any(TASKS not in numbers for numbers in counters.values()):
            raise Inconclusive(f"a monitor has no number {TASKS}")
        return {worker: numbers[TASKS] for worker, numbers in counters.items()}

    within_s = target.timings.cancel_effect_s + target.timings.answer_s
    left, none_left = await eventually(
        tasks, lambda seen: not any(seen.values()), within_s=within_s
    )
    if not none_left and any(seen.get("active_jobs") for seen in tally.before.values()):
        raise Inconclusive("the target held other jobs before: it may have tasks for them")
    if not none_left:
        await require_over({"the cancelled job": jobs[1], "the job whose reader left": jobs[2]})
    await tally.expect_that(
        none_left,
        expected=f"background_task_count 0 on every worker within {within_s:.0f} s of the last job",
        actual=", ".join(f"{worker}: {count}" for worker, count in left.items()),
        jobs=tuple(jobs),
    )


async def _complete(target: System) -> Job:
    job = await target.submit(QUICK)
    delivered = await read_stream(job, via=job.owner)
    if delivered.ending is not Ending.COMPLETED:
        raise Inconclusive(f"the job did not complete: {delivered.ending.value}")
    return job


async def _open(streams: AsyncExitStack, job: Job, at: Worker) -> OpenStream:
    stream = await streams.enter_async_context(job.system.stream(job, via=at))
    require_answer(stream.reply, 200, to=f"a stream on worker {at}")
    return stream


def _several(target: System) -> int:
    """A dozen; a pair where more connections to one worker would be found by its counters, which
    moves them.
    """
    identifier = target.fleet.identifier
    return PAIR if identifier is None or identifier.must_stay_warm else DOZEN


async def _rise(tally: CounterDelta, name: str, expected: dict[Worker, int]) -> dict[Worker, int]:
    """The rise of a gauge, waited for."""
    return await tally.gauge_rises_to(name, expected, within_s=tally.target.timings.answer_s)


async def _expect_rise(
    tally: CounterDelta,
    name: str,
    rise: dict[Worker, int],
    expected: dict[Worker, int],
    *,
    while_: str,
    jobs: tuple[Job, ...],
) -> None:
    whole = {worker: expected.get(worker, 0) for worker in rise}
    for job in jobs if expected and not matches(rise, expected) else ():
        require_running(job)
    await tally.expect_that(
        matches(rise, expected),
        expected=f"{in_words(name, whole)} while {while_}, compared with before",
        actual=in_words(name, rise),
        jobs=jobs,
    )
