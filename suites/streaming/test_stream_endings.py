"""A stream that ends says how the job ended (completes `Langflow 1.10, "Deploy Langflow with
multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio

from queueproof.awkward_texts import TEXTS
from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Probe,
    System,
    Worker,
    cancel_running,
    expect,
    expect_that,
    is_over,
    read_stream,
    read_to_end,
    read_until_tick,
    requirement,
)

#: Texts that whoever writes JSON with his own hands comes to grief over.
_BREAKING = ("quotes", "line breaks", "an event")


@requirement("STRM-005")
async def test_the_stream_of_a_completed_job_ends_by_saying_so(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On its own worker and elsewhere."""
    for delivery in await _on_all_workers(target, Probe(ticks=3, interval_s=0.05)):
        expect(delivery).to_have_ended(Ending.COMPLETED)


@requirement("STRM-006")
async def test_the_stream_of_a_failed_job_reports_the_error_and_ends(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On its own worker and elsewhere."""
    for delivery in await _on_all_workers(target, Probe(ticks=4, interval_s=0.05, fail_at=2)):
        expect(delivery).to_have_ended(Ending.FAILED)


@requirement("STRM-006", contracts=("langflow",))
async def test_the_stream_of_a_job_that_failed_with_any_text_reports_the_error_and_ends(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Quotes, line breaks, and what looks like an event, end neither the event nor the stream."""
    for text in (TEXTS[name] for name in _BREAKING):
        probe = Probe(ticks=2, interval_s=0.05, fail_at=1, words=("", text))
        delivery = await read_stream(await target.submit(probe, via=workers[0]), via=workers[-1])
        expect(delivery).to_have_ended(Ending.FAILED)
        expect(delivery).to_consist_of_events()


@requirement("STRM-007")
async def test_the_stream_of_a_cancelled_job_ends_by_saying_so(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Whichever worker streams it."""
    delivered = await asyncio.gather(
        *(_cancelled_while_streamed(target, reader) for reader in workers)
    )

    for delivery in delivered:
        expect(delivery).to_have_ended(Ending.CANCELLED)


@requirement("STRM-015")
async def test_nothing_follows_the_terminal_event_of_a_completed_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The terminal event is the last thing the stream carries."""
    for delivery in await _on_all_workers(target, Probe(ticks=3, interval_s=0.05)):
        _expect_nothing_after_the_terminal_event(delivery)


@requirement("STRM-015")
async def test_nothing_follows_the_terminal_event_of_a_failed_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The error is told before the terminal event, not after it."""
    for delivery in await _on_all_workers(target, Probe(ticks=4, interval_s=0.05, fail_at=2)):
        _expect_nothing_after_the_terminal_event(delivery)


async def _on_all_workers(target: System, probe: Probe) -> list[Delivery]:
    """One job a worker, all of them run by the first worker."""
    workers = target.workers
    jobs = [await target.submit(probe, via=workers[0]) for _ in workers]
    readers = zip(jobs, workers, strict=True)
    return list(await asyncio.gather(*(read_stream(job, via=via) for job, via in readers)))


async def _cancelled_while_streamed(target: System, reader: Worker) -> Delivery:
    job = await target.submit(Probe(ticks=200, interval_s=0.1), via=target.workers[0])
    async with target.stream(job, via=reader) as stream:
        await read_until_tick(stream, 1, within_s=target.patience_s)
        await cancel_running(job, via=target.workers[-1])
        bound_s = target.timings.cancel_effect_s + target.timings.answer_s
        return await read_to_end(stream, within_s=bound_s)


def _expect_nothing_after_the_terminal_event(delivery: Delivery) -> None:
    kinds = [event.kind.value for event in delivery.events]
    terminal = next((i for i, event in enumerate(delivery.events) if is_over([event])), None)
    if terminal is None:
        raise Inconclusive("the stream carried no terminal event")
    expect_that(
        terminal == len(kinds) - 1,
        expected=f"the stream to end with its {kinds[terminal]} event",
        actual=f"{kinds[terminal]} was followed by {', '.join(kinds[terminal + 1 :])}",
        jobs=delivery.job,
    )
