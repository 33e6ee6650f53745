"""Readers that meet a job's end: in its very instant, or while they wait for a first event
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Job,
    NotAssessed,
    Probe,
    System,
    Worker,
    expect,
    expect_that,
    is_over,
    read_stream,
    read_to_end,
    read_until_tick,
    requirement,
    slow_job,
)
from queueproof.case_helpers.moments import require_kept, wait_until

_BRIEF = Probe(ticks=8, interval_s=0.05)
_READERS = 15
_APART_S = 0.02
_BEFORE_S = 0.1
_ASKED_S = 0.3
_SLOW_S = 1.4
_BEFORE_THE_CANCEL = 5


@requirement("STRM-009")
async def test_streams_opened_around_the_end_deliver_everything(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Readers come one after another, from shortly before the end to shortly after it."""
    job = await target.submit(_BRIEF, via=workers[0])
    first_s = job.submitted_s + _BRIEF.duration_s - _BEFORE_S

    async def read(number: int) -> Delivery:
        await wait_until(target, first_s + number * _APART_S)
        return await read_stream(job, via=workers[number % len(workers)])

    delivered = await asyncio.gather(*(read(number) for number in range(_READERS)))

    require_kept(*delivered)
    for delivery in delivered:
        expect(delivery).to_be_complete_and_in_order()
        expect(delivery).to_have_ended_somehow()


@requirement("STRM-009")
async def test_streams_opened_after_a_failure_deliver_everything(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """What a failed job did before is kept as what a completed one did, on every worker."""
    job = await target.submit(Probe(ticks=6, interval_s=0.05, fail_at=4), via=workers[0])
    first = await read_stream(job, via=workers[-1])
    if first.ending is not Ending.FAILED:
        raise Inconclusive(f"the job was not told to have failed: {first.ending.value}")

    late = await asyncio.gather(*(read_stream(job, via=at) for at in workers))

    if max(one.began_s or 0.0 for one in late) - first.ended_s > target.timings.stream_ttl_s / 2:
        raise Inconclusive("the late readers came when the time to live may have been over")
    for delivery in late:
        expect(delivery).to_be_complete_and_in_order()
        expect(delivery).to_have_ended_somehow()


@requirement("STRM-009", contracts=("langflow",))
async def test_streams_opened_after_a_cancel_deliver_what_was_said_before_it(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """What a cancelled job did is kept as what a completed one did, on every worker."""
    job = await target.submit(Probe(ticks=200, interval_s=0.05), via=workers[0])
    bound_s = target.timings.cancel_effect_s + target.timings.answer_s
    async with target.stream(job, via=workers[-1]) as stream:
        await read_until_tick(stream, _BEFORE_THE_CANCEL)
        reply = await target.cancel(job, via=workers[-1])
        if not reply.claims_success:
            raise Inconclusive(f"the cancel was not accepted: {reply.words}")
        first = await read_to_end(stream, within_s=bound_s)
    if first.ending is not Ending.CANCELLED:
        raise Inconclusive(f"the job was not told to be cancelled: {first.ending.value}")

    late = await asyncio.gather(*(read_stream(job, via=at, within_s=bound_s) for at in workers))

    if max(one.began_s or 0.0 for one in late) - first.ended_s > target.timings.stream_ttl_s / 2:
        raise Inconclusive("the late readers came when the time to live may have been over")
    for delivery in late:
        if delivery.ending is Ending.PUT_OFF:
            raise Inconclusive(f"a late reader was asked to come again: {delivery.detail}")
        said = delivery.ticks[: _BEFORE_THE_CANCEL + 1]
        expect_that(
            said == list(range(_BEFORE_THE_CANCEL + 1)),
            expected=f"ticks 0..{_BEFORE_THE_CANCEL}, which a reader was told before the cancel",
            actual=f"a reader who came after it was told {said}, then {delivery.ending.value}",
            jobs=job,
        )


@requirement("STRM-007")
async def test_a_stream_that_waits_for_its_first_event_is_told_of_a_cancel(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Streams on every worker, opened before the job's first write, end as cancelled."""
    if target.timings.startup_grace_s <= _SLOW_S:
        raise NotAssessed("the startup grace is over before the cancel can be")
    job = await slow_job(target, _SLOW_S)
    bound_s = _SLOW_S + target.timings.cancel_effect_s + target.timings.answer_s
    readings = [
        asyncio.create_task(read_stream(job, via=at, within_s=bound_s)) for at in target.workers
    ]
    await wait_until(target, job.submitted_s + _ASKED_S)

    reply = await target.cancel(job, via=target.workers[-1], within_s=bound_s)

    delivered = await asyncio.gather(*readings)
    if not reply.claims_success:
        raise Inconclusive(f"the cancel was not accepted: {reply.words}")
    if any(delivery.ticks for delivery in delivered):
        raise Inconclusive("the job had begun before the cancel took effect")
    longest_s = max(delivery.ended_s - job.submitted_s for delivery in delivered)
    if longest_s > 0.9 * target.timings.startup_grace_s:
        raise Inconclusive("a reader's grace may have been over before the cancel took effect")
    for delivery in delivered:
        expect(delivery).to_have_ended(Ending.CANCELLED)


@requirement("STRM-015", contracts=("langflow", "generic"))
async def test_nothing_follows_the_terminal_event_of_a_cancelled_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Not for those who were there, and not for those who come later."""
    job = await target.submit(Probe(ticks=200, interval_s=0.05), via=workers[0])
    async with target.stream(job, via=workers[-1]) as stream:
        await read_until_tick(stream, 1)
        reply = await target.cancel(job, via=workers[-1])
        if not reply.claims_success:
            raise Inconclusive(f"the cancel was not accepted: {reply.words}")
        bound_s = target.timings.cancel_effect_s + target.timings.answer_s
        there = await read_to_end(stream, within_s=bound_s)
    late = await asyncio.gather(*(read_stream(job, via=at, within_s=bound_s) for at in workers))

    for delivery in (there, *late):
        _expect_one_end(job, delivery)
    if not any(is_over(delivery.events) for delivery in (there, *late)):
        raise Inconclusive(f"no reader was told of an end: {there.ending.value}")


def _expect_one_end(job: Job, delivery: Delivery) -> None:
    kinds = [event.kind.value for event in delivery.events]
    ends = [i for i, event in enumerate(delivery.events) if is_over([event])]
    expect_that(
        not ends or ends == [len(kinds) - 1],
        expected="the stream to end with its only terminal event",
        actual=f"terminal events at {ends} of {len(kinds)}: {', '.join(kinds[-4:])}",
        jobs=job,
    )
