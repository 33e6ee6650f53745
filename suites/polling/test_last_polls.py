"""The last poll says how the job ended, and so does every later one
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Introduction).
"""

from __future__ import annotations

from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Worker,
    cancel_running,
    expect,
    expect_that,
    is_over,
    poll_until_terminal,
    poll_until_tick,
    requirement,
)
from queueproof.targets.protocol import PollReply

_GONE = 410


@requirement("POLL-005")
async def test_a_poll_after_the_end_says_that_the_job_is_over(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A client that missed the last answer asks the same worker again."""
    job = await _finished(target, owner=workers[0], via=workers[-1])

    reply = await _late_poll(job, workers[-1])

    _expect_to_be_told_of_the_end(job, reply)


@requirement("POLL-005", workers=2)
async def test_a_poll_after_the_end_on_another_worker_says_that_the_job_is_over(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A client that missed the last answer asks again, and comes to another worker."""
    job = await _finished(target, owner=workers[0], via=workers[0])

    reply = await _late_poll(job, workers[-1])

    _expect_to_be_told_of_the_end(job, reply)


@requirement("POLL-008")
async def test_the_last_poll_of_a_failed_job_reports_the_error(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A probe that raises is reported as failed."""
    job = await target.submit(Probe(ticks=4, fail_at=2), via=workers[0])

    delivered = await poll_until_terminal(job, via=workers[-1])

    expect(delivered).to_have_ended(Ending.FAILED)


@requirement("POLL-009")
async def test_the_last_poll_of_a_cancelled_job_says_so(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A client that polls on after a cancel learns of it."""
    delivered = await _cancelled_while_polled(target, owner=workers[0], via=workers[0])

    expect(delivered).to_have_ended(Ending.CANCELLED)


@requirement("POLL-009", workers=2)
async def test_the_last_poll_of_a_cancelled_job_says_so_on_another_worker(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A client that polls another worker on after a cancel learns of it."""
    delivered = await _cancelled_while_polled(target, owner=workers[0], via=workers[-1])

    expect(delivered).to_have_ended(Ending.CANCELLED)


async def _finished(target: System, *, owner: Worker, via: Worker) -> Job:
    job = await target.submit(Probe(ticks=3, interval_s=0.05), via=owner)
    delivered = await poll_until_terminal(job, via=via)
    if delivered.ending is not Ending.COMPLETED:
        raise Inconclusive(f"the job could not be polled to its end: {delivered.ending.value}")
    return job


async def _late_poll(job: Job, via: Worker) -> PollReply:
    timings = job.system.timings
    return await job.system.poll(job, via=via, within_s=timings.poll_hold_s + timings.answer_s)


def _expect_to_be_told_of_the_end(job: Job, reply: PollReply) -> None:
    kinds = [event.kind.value for event in reply.events]
    expect_that(
        is_over(reply.events) or reply.status == _GONE,
        expected=f"the terminal event again, or {_GONE}",
        actual=f"{reply.words}, events: {kinds}" if reply.answered else reply.detail,
        jobs=job,
    )


async def _cancelled_while_polled(target: System, *, owner: Worker, via: Worker) -> Delivery:
    job = await target.submit(Probe(ticks=200, interval_s=0.1), via=owner)
    before = await poll_until_tick(job, 1, via=via)
    await cancel_running(job, via=owner)
    timings = target.timings
    bound_s = timings.cancel_effect_s + timings.poll_hold_s + timings.answer_s
    return (await poll_until_terminal(job, via=via, within_s=bound_s)).preceded_by(before)
