"""A client that is there keeps its build, however it reads
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference,
LANGFLOW_REDIS_QUEUE_POLLING_STALE_THRESHOLD_S).

Whether the build was kept is told by its work, not by what the client received: other
requirements judge that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from queueproof.case import (
    Inconclusive,
    Job,
    NotAssessed,
    Presence,
    Probe,
    System,
    Timings,
    Worker,
    alternate,
    beside,
    eventually,
    expect_that,
    leave_alone,
    poll_until_tick,
    read_stream,
    requirement,
    work_begun,
)

TICK_S = 0.2
ABANDONED = Probe(ticks=3000, interval_s=TICK_S, witnessed=True)
PER_THRESHOLD = 4
STILL_S = 2.0

#: What a client of a job does, who says how he was answered.
Client = Callable[[Presence], Coroutine[Any, Any, None]]


def quiet_s(t: Timings) -> float:
    """A silence that outlasts the threshold by two looks of the watchdog."""
    return t.stale_threshold_s + 2 * t.watchdog_interval_s + 1.0


@requirement("WDOG-004", workers=2, needs=("witness",), wait=quiet_s)
async def test_a_client_that_polls_through_any_workers_keeps_its_build(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Polls on alternating workers, four a threshold: the build does all its ticks."""
    ticks = round(quiet_s(target.timings) / TICK_S)
    job = await target.submit(Probe(ticks=ticks, interval_s=TICK_S, witnessed=True))

    await _expect_kept(job, _polling_now_and_then(job, workers))


@requirement("WDOG-004", needs=("witness",), wait=quiet_s)
async def test_a_client_that_says_where_it_stands_keeps_its_build(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Each poll names the position that the one before gave: the build does all its ticks."""
    ticks = round(quiet_s(target.timings) / TICK_S)
    job = await target.submit(Probe(ticks=ticks, interval_s=TICK_S, witnessed=True))
    first = await target.poll(job, via=workers[-1])
    if first.position is None:
        raise NotAssessed("polls name no position that the next one could begin from")

    await _expect_kept(job, _polling_from(job, workers[-1], first.position))


@requirement("WDOG-004", workers=2, needs=("witness",), wait=quiet_s)
async def test_a_polled_build_outlives_an_abandoned_one_beside_it(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Two builds of one worker: one client left after a poll, the other's build does its ticks."""
    abandoned = await target.submit(ABANDONED, via=workers[0])
    await work_begun(abandoned)
    ticks = round(quiet_s(target.timings) / TICK_S)
    job = await target.submit(Probe(ticks=ticks, interval_s=TICK_S, witnessed=True), via=workers[0])
    await target.poll(abandoned, via=workers[1])
    leave_alone(abandoned)

    await _expect_kept(job, _polling_now_and_then(job, workers))


@requirement("WDOG-005", needs=("witness",), wait=quiet_s)
async def test_a_client_that_sits_in_a_held_poll_keeps_its_build(target: System) -> None:
    """The build is quiet for longer than the threshold while its client polls and waits."""
    job = await _submit_quiet(target)
    await work_begun(job)

    await _expect_kept(job, _polling_always(job, job.owner))


@requirement("WDOG-005", workers=2, needs=("witness",), wait=quiet_s)
async def test_a_client_in_a_held_poll_on_another_worker_keeps_its_build(target: System) -> None:
    """The same through a worker that does not run the build."""
    job = await _submit_quiet(target)
    await work_begun(job)

    await _expect_kept(job, _polling_always(job, target.others(job.owner)[0]))


@requirement("WDOG-006", needs=("witness",), wait=quiet_s)
async def test_a_client_that_reads_a_stream_keeps_its_build(target: System) -> None:
    """The build is quiet for longer than the threshold while its client holds a stream open."""
    job = await _submit_quiet(target)

    await _expect_kept(job, _streaming(job, job.owner))


@requirement("WDOG-006", workers=2, needs=("witness",), wait=quiet_s)
async def test_a_client_that_reads_a_stream_on_another_worker_keeps_its_build(
    target: System,
) -> None:
    """The same through a worker that does not run the build."""
    job = await _submit_quiet(target)

    await _expect_kept(job, _streaming(job, target.others(job.owner)[0]))


@requirement("WDOG-006", needs=("witness",), wait=quiet_s)
async def test_a_client_that_turns_from_polls_to_a_stream_keeps_its_build(target: System) -> None:
    """It has polled the first tick, and reads the rest as a stream."""
    job = await _submit_quiet(target)
    await poll_until_tick(job, 0, via=job.owner)

    await _expect_kept(job, _streaming(job, target.workers[-1]))


async def _expect_kept(job: Job, client: Client) -> None:
    """Let the client read until the job must be over; then all its work must have been done.

    Raises Inconclusive where the client failed, or was refused while the job was at work: then it
    was not there all the time.
    """
    within_s, presence = job.system.within(job.probe), Presence(job)
    async with beside(client(presence), who="the job's client"):
        done, kept = await eventually(
            lambda: _ticks_done(job), lambda ticks: ticks == job.probe.ticks, within_s=within_s
        )
    if not kept:
        presence.to_be_doubted()
        _expect_stopped(job)
    expect_that(
        kept,
        expected=f"all {job.probe.ticks} ticks are done, for the client was there all the time",
        actual=f"{done} were done within {within_s:.1f} s, the last one "
        f"{job.sightings[-1].at_s - job.submitted_s if done else 0.0:.1f} s after the submit",
        jobs=job,
    )


def _expect_stopped(job: Job) -> None:
    """Raises Inconclusive for a job that is still at work: it is late, and was not reclaimed."""
    last_s = max((seen.at_s for seen in job.sightings), default=0.0)
    if job.system.history.now_s() - last_s < STILL_S:
        raise Inconclusive("the job was still at work when it should have been over: it is slow")


def _polling_now_and_then(job: Job, workers: tuple[Worker, ...]) -> Client:
    async def client(presence: Presence) -> None:
        for worker in alternate(workers):
            presence.saw(await job.system.poll(job, via=worker))
            await asyncio.sleep(job.system.timings.stale_threshold_s / PER_THRESHOLD)

    return client


def _polling_from(job: Job, via: Worker, position: str) -> Client:
    """A client that keeps its own position, and names it in each poll."""

    async def client(presence: Presence) -> None:
        at = position
        while True:
            reply = await job.system.poll(job, via=via, after=at)
            presence.saw(reply)
            at = reply.position or at
            await asyncio.sleep(job.system.timings.stale_threshold_s / PER_THRESHOLD)

    return client


def _polling_always(job: Job, via: Worker) -> Client:
    """A client that polls, and sits in each poll for as long as the target holds it."""

    async def client(presence: Presence) -> None:
        held_s = job.system.within(job.probe)
        while True:
            presence.saw(await job.system.poll(job, via=via, within_s=held_s))
            await asyncio.sleep(TICK_S)

    return client


def _streaming(job: Job, via: Worker) -> Client:
    async def client(presence: Presence) -> None:
        delivery = await read_stream(job, via=via)
        if not delivery.ending.is_end:
            presence.refused(f"{delivery.ending.value} ({delivery.detail})")

    return client


async def _ticks_done(job: Job) -> int:
    return len({sighting.tick for sighting in job.sightings})


async def _submit_quiet(target: System) -> Job:
    """A build whose silence can end it by the watchdog only.

    Where the time to live is shorter than the silence, losing its keys could end it as well.
    """
    silence_s = quiet_s(target.timings)
    if target.timings.stream_ttl_s <= silence_s:
        raise NotAssessed(
            f"a silence of {silence_s:.0f} s outlasts the time to live of "
            f"{target.timings.stream_ttl_s:.0f} s, which may end the build before the watchdog"
        )
    return await target.submit(
        Probe(ticks=3, interval_s=TICK_S, quiet_after=0, quiet_s=silence_s, witnessed=True)
    )
