"""Streams of one job do not depend on one another, nor on when they are opened
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    expect,
    poll_until_terminal,
    read_stream,
    read_until_tick,
    requirement,
)
from queueproof.case_helpers.moments import require_kept


@requirement("STRM-003", workers=2)
async def test_streams_on_different_workers_each_deliver_every_event(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """One stream on each worker, all at the same time."""
    await _expect_each_to_receive_everything(target, workers[0], workers)


@requirement("STRM-004")
async def test_streams_on_the_same_worker_each_deliver_every_event(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Three streams at the same time, all on the worker that runs the job."""
    await _expect_each_to_receive_everything(target, workers[0], [workers[0]] * 3)


@requirement("STRM-004", workers=2)
async def test_streams_on_the_same_other_worker_each_deliver_every_event(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Three streams at the same time, all on one worker that does not run the job."""
    await _expect_each_to_receive_everything(target, workers[0], [workers[-1]] * 3)


@requirement("STRM-008", workers=2)
async def test_a_stream_opened_while_the_job_runs_delivers_what_happened_before(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A second reader comes to another worker after the first has seen half of the ticks."""
    await _expect_a_late_reader_to_receive_everything(
        target, workers[0], early=workers[0], late=workers[-1]
    )


@requirement("STRM-008", workers=2)
async def test_a_stream_opened_late_on_the_jobs_own_worker_delivers_what_happened_before(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A second reader comes to the job's worker after the first, elsewhere, has seen half."""
    await _expect_a_late_reader_to_receive_everything(
        target, workers[0], early=workers[-1], late=workers[0]
    )


@requirement("STRM-009")
async def test_a_stream_opened_after_the_end_delivers_everything(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A second reader comes to the worker that has streamed the job to its end before, at once: to
    one that did not run it, and to its own, which may be about to let go of it.
    """
    for via in dict.fromkeys((workers[-1], workers[0])):
        job = await _streamed_to_its_end(target, owner=workers[0], via=via)

        delivered = await read_stream(job, via=via)

        require_kept(delivered)
        expect(delivered).to_be_complete_and_in_order()
        expect(delivered).to_have_ended_somehow()


@requirement("STRM-009", workers=2)
async def test_a_stream_opened_after_the_end_on_another_worker_delivers_everything(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A second reader comes to a worker that has not streamed the job before."""
    job = await _streamed_to_its_end(target, owner=workers[0], via=workers[0])

    delivered = await read_stream(job, via=workers[-1])

    require_kept(delivered)
    expect(delivered).to_be_complete_and_in_order()
    expect(delivered).to_have_ended_somehow()


@requirement("STRM-009", contracts=("langflow",), workers=2)
async def test_a_stream_opened_after_a_job_was_polled_to_its_end_delivers_everything(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """What one client has polled another one streams, on the same worker and on the job's own."""
    job = await target.submit(Probe(ticks=5, interval_s=0.05), via=workers[0])
    polled = await poll_until_terminal(job, via=workers[-1])
    if polled.ending is not Ending.COMPLETED:
        raise Inconclusive(f"the job could not be polled to its end: {polled.ending.value}")

    for reader in (workers[-1], workers[0]):
        delivered = await read_stream(job, via=reader)
        require_kept(delivered)
        expect(delivered).to_be_complete_and_in_order()


async def _expect_each_to_receive_everything(
    target: System, owner: Worker, readers: Iterable[Worker]
) -> None:
    job = await target.submit(Probe(ticks=10, interval_s=0.25), via=owner)

    delivered = await asyncio.gather(*(read_stream(job, via=reader) for reader in readers))

    for delivery in delivered:
        expect(delivery).to_be_complete_and_in_order()
    if any(delivery.came_late for delivery in delivered):
        raise Inconclusive("a reader came so late that it may have had the job to itself")


async def _expect_a_late_reader_to_receive_everything(
    target: System, owner: Worker, *, early: Worker, late: Worker
) -> None:
    job = await target.submit(Probe(ticks=16, interval_s=0.2), via=owner)

    # The early stream stays open: dropping it would cancel the job.
    async with target.stream(job, via=early) as stream:
        await read_until_tick(stream, 8)
        delivered = await read_stream(job, via=late)

    expect(delivered).to_be_complete_and_in_order()
    if delivered.came_late:
        raise Inconclusive("the second reader came so late that the job may have been over")


async def _streamed_to_its_end(target: System, *, owner: Worker, via: Worker) -> Job:
    job = await target.submit(Probe(ticks=5, interval_s=0.05), via=owner)
    first = await read_stream(job, via=via)
    if first.ending is not Ending.COMPLETED:
        raise Inconclusive(f"the job could not be streamed to its end: {first.ending.value}")
    return job
