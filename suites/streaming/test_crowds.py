"""Readers that take their time, and readers in dozens, get what a single quick one gets
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from queueproof.case import (
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    expect,
    read_stream,
    read_to_end,
    read_until_tick,
    requirement,
)
from queueproof.case_helpers.moments import require_crowd
from queueproof.checkers.overlap import most_at_once

# More than the sockets between a server and its client hold.
_LOUD = Probe(ticks=8, interval_s=0.15, payload_bytes=2_500_000)
_QUIET = Probe(ticks=8, interval_s=0.15)
_FULL_S = 2.0
_WITHIN_S = 60.0
#: A crowd is more than ten at one of three workers, however they are dealt out.
_DOZENS, _A_CROWD = 36, 31
_LEAVING, _AT_ONCE = 24, 8
_ENDLESS = Probe(ticks=3000, interval_s=0.2)


@requirement("STRM-018", alone=True)
async def test_a_reader_that_pauses_receives_everything(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Nothing is read while the job says more than any buffer holds; then all of it is there."""
    job = await target.submit(_LOUD, via=workers[0])

    async with target.stream(job, via=workers[-1]) as stream:
        await read_until_tick(stream, 0)
        await _until_buffers_are_full(job)
        delivered = await read_to_end(stream, within_s=_WITHIN_S)

    expect(delivered).to_be_unchanged()


@requirement("STRM-018", alone=True)
async def test_a_reader_that_pauses_holds_up_nobody_else(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """While one stream of a worker is not read, another of the same worker comes to its end."""
    loud = await target.submit(_LOUD, via=workers[0])
    async with target.stream(loud, via=workers[-1]) as stream:
        await read_until_tick(stream, 0)
        quiet = await target.submit(_QUIET, via=workers[0])
        reading = asyncio.create_task(read_stream(quiet, via=workers[-1]))
        await _until_buffers_are_full(loud)
        delivered = await reading
        await read_to_end(stream, within_s=_WITHIN_S)

    expect(delivered).to_be_complete_and_in_order()
    expect(delivered).to_have_ended_somehow()


@requirement("STRM-019")
async def test_dozens_of_streams_of_one_job_each_deliver_every_event(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Three dozen readers, on all the workers in turn, while the job runs."""
    job = await target.submit(Probe(ticks=16, interval_s=0.25), via=workers[0])

    readers = [workers[number % len(workers)] for number in range(_DOZENS)]
    # Where requests are paced, so many readers come one after another.
    reading = (read_stream(job, via=at, within_s=_WITHIN_S) for at in readers)
    delivered = await asyncio.gather(*reading)

    over_s = job.submitted_s + job.probe.duration_s
    if max(one.began_s or 0.0 for one in delivered) - over_s > target.timings.stream_ttl_s / 2:
        raise Inconclusive("the last readers came when the time to live may have been over")
    for delivery in delivered:
        expect(delivery).to_be_complete_and_in_order()
        expect(delivery).to_have_ended_somehow()
    most = most_at_once((one.began_s or 0.0, one.ended_s) for one in delivered)
    require_crowd(target, most, _A_CROWD, what=f"of {_DOZENS} streams were open")


@requirement("STRM-002", contracts=("langflow",))
async def test_after_two_dozen_dropped_streams_another_delivers_every_event(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Readers who leave in the middle, each a job of its own, take nothing with them that the next
    one needs.
    """
    few, left = asyncio.Semaphore(_AT_ONCE), list[bool]()
    await asyncio.gather(*(_leave(target, workers[0], few, left) for _ in range(_LEAVING)))
    if left.count(True) < _LEAVING / 2:
        raise Inconclusive(f"{left.count(True)} of {_LEAVING} readers had anything to leave")

    job = await target.submit(Probe(ticks=4, interval_s=0.05), via=workers[0])
    delivered = await read_stream(job, via=workers[0])

    expect(delivered).to_be_complete_and_in_order()


async def _leave(target: System, via: Worker, few: asyncio.Semaphore, left: list[bool]) -> None:
    """Open the stream of a new job, and drop it; `left` notes whether anything had come through it.

    Once most have had nothing to leave nothing can be shown any more, and no other waits for it.
    """
    async with few:
        if left.count(False) > _LEAVING / 2:
            return
        job = await target.submit(_ENDLESS, via=via)
        had_something = False
        with suppress(Inconclusive):
            async with target.stream(job, via=via) as stream:
                await read_until_tick(stream, 0)
                had_something = True
        left.append(had_something)


async def _until_buffers_are_full(job: Job) -> None:
    """Long enough for all that the job says; briefer than a client may be silent, or a job kept."""
    timings = job.system.timings
    bounds = (timings.stale_threshold_s / 2 or _FULL_S, timings.stream_ttl_s / 3)
    await asyncio.sleep(min(_FULL_S, *bounds))
