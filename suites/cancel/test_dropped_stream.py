"""A closed browser tab cancels its build, whichever worker it was connected to
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference,
cancel channel).
"""

from __future__ import annotations

from queueproof.case import (
    UNHEARD,
    Job,
    Probe,
    System,
    Worker,
    expect_that,
    read_until_tick,
    requirement,
    stops_while_read,
)
from queueproof.config.deadlines import stopped_within_s

WORK = Probe(ticks=600, interval_s=0.2, witnessed=True)


@requirement("CANC-010", wait=stopped_within_s)
async def test_dropping_the_stream_on_the_owner_stops_the_work(target: System) -> None:
    """The only stream, read at the build's own worker, is closed; the ticks cease."""
    job = await target.submit(WORK)

    await _drop_stream(job, on=job.owner)

    await _expect_stopped(job, dropped_on=job.owner)


@requirement("CANC-011", workers=2, wait=stopped_within_s)
async def test_dropping_the_stream_on_another_worker_stops_the_work(target: System) -> None:
    """The only stream, read at another worker, is closed; the ticks cease."""
    job = await target.submit(WORK)
    other = target.others(job.owner)[0]

    await _drop_stream(job, on=other)

    await _expect_stopped(job, dropped_on=other)


async def _drop_stream(job: Job, *, on: Worker) -> None:
    async with job.system.stream(job, via=on) as stream:
        await read_until_tick(stream, 1)


async def _expect_stopped(job: Job, *, dropped_on: Worker) -> None:
    within_s = stopped_within_s(job.system.timings)
    expect_that(
        await stops_while_read(job, asked=dropped_on, within_s=within_s),
        expected=f"no tick later than {within_s:.1f} s after the stream was dropped",
        actual=f"the build still worked then (dropped on {dropped_on}, owner {job.owner}) "
        f"{UNHEARD}",
        jobs=job,
    )
