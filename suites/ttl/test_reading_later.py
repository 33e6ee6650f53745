"""A finished job can be read until its time to live is over, and not as if it were empty then
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference).
"""

from __future__ import annotations

from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Probe,
    StreamUnanswered,
    System,
    Timings,
    Violation,
    Worker,
    expect,
    expect_refusal,
    read_stream,
    requirement,
    throughout,
)

_BRIEF = Probe(ticks=3, interval_s=0.05)
_FAILING = Probe(ticks=3, interval_s=0.05, fail_at=2)
_MOST_OF_IT = 0.6
_AFTER_S = 1.5
_TOO_LATE = "a read of a job whose time to live is over"


def _afterwards(timings: Timings) -> float:
    return timings.stream_ttl_s + _AFTER_S


@requirement("TTL-006", wait=_afterwards)
async def test_a_poll_after_the_time_to_live_is_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It is not answered as if there were a job without events, and not held either."""
    first = await _finished(target, via=workers[0])
    await _let_pass(target, _afterwards(target.timings))

    reply = await target.poll(first.job, via=workers[-1], within_s=target.patience_s)

    expect_refusal(reply, to=_TOO_LATE, jobs=first.job)


@requirement("TTL-006", wait=_afterwards)
async def test_a_stream_after_the_time_to_live_is_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It is not opened as if there were a job without events."""
    first = await _finished(target, via=workers[0])
    await _let_pass(target, _afterwards(target.timings))

    try:
        async with target.stream(first.job, via=workers[-1]) as stream:
            expect_refusal(stream.reply, to=_TOO_LATE, jobs=first.job)
    except StreamUnanswered as silence:
        raise Violation(
            expected=f"{_TOO_LATE} to be refused", actual=str(silence), job_ids=(first.job.id,)
        ) from None


@requirement("TTL-007", workers=2, wait=lambda timings: timings.stream_ttl_s * _MOST_OF_IT)
async def test_a_finished_job_stays_readable_for_most_of_its_time_to_live(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A reader that comes late receives everything."""
    first = await _finished(target, via=workers[0])
    # The life of a job's keys begins with its end, which may be long before it was read.
    due_s = first.job.submitted_s + target.timings.stream_ttl_s * _MOST_OF_IT
    await _let_pass(target, max(0.0, due_s - target.history.now_s()))

    delivered = await read_stream(first.job, via=workers[-1])

    # The target may have looked for them as late as when it answered.
    if delivered.ended_s - first.job.submitted_s > target.timings.stream_ttl_s:
        raise Inconclusive("the harness was so late that the time to live was over")
    expect(delivered).to_be_complete_and_in_order()


@requirement("TTL-007", workers=2, wait=lambda timings: timings.stream_ttl_s * _MOST_OF_IT)
async def test_a_failed_job_stays_readable_for_most_of_its_time_to_live(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Whoever comes late is told what it said, and that it failed."""
    first = await _finished(target, via=workers[0], probe=_FAILING, ends=Ending.FAILED)
    due_s = first.job.submitted_s + target.timings.stream_ttl_s * _MOST_OF_IT
    await _let_pass(target, max(0.0, due_s - target.history.now_s()))

    delivered = await read_stream(first.job, via=workers[-1])

    if delivered.ended_s - first.job.submitted_s > target.timings.stream_ttl_s:
        raise Inconclusive("the harness was so late that the time to live was over")
    expect(delivered).to_be_complete_and_in_order()


async def _finished(
    target: System, *, via: Worker, probe: Probe = _BRIEF, ends: Ending = Ending.COMPLETED
) -> Delivery:
    job = await target.submit(probe, via=via)
    delivered = await read_stream(job, via=via)
    if delivered.ending is not ends:
        raise Inconclusive(f"the job could not be streamed to its end: {delivered.ending.value}")
    return delivered


async def _let_pass(target: System, seconds: float) -> None:
    _, served = await throughout(target.healthy, bool, for_s=seconds)
    if not served:
        raise Inconclusive("the target did not answer meanwhile")
