"""A reader that comes before the producer's first write waits for it, up to the grace
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Configuration reference).

The probes start slowly, which can keep a whole worker of the target from answering: hence these
cases are alone.
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Job,
    Probe,
    System,
    Timings,
    Worker,
    eventually,
    expect,
    expect_that,
    kept_alive,
    poll_until_terminal,
    read_stream,
    requirement,
    slow_job,
    uninvolved_worker,
)
from queueproof.case_helpers.moments import pass_time

_WITHIN_THE_GRACE = 0.6
_BEYOND_THE_GRACE_S = 3.0
_PAUSE_MORE_S = 2.5
_EARLY = 0.95


def _early(timings: Timings) -> float:
    return timings.startup_grace_s * _WITHIN_THE_GRACE


def _late(timings: Timings) -> float:
    return timings.startup_grace_s + _BEYOND_THE_GRACE_S


@requirement("GRACE-001", workers=2, alone=True, wait=_early)
async def test_a_stream_opened_before_the_first_write_receives_everything(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The stream of another worker waits for a job that starts slowly."""
    job = await slow_job(target, _early(target.timings))

    delivered = await read_stream(job, via=_elsewhere(job))

    expect(delivered).to_be_complete_and_in_order()


@requirement("GRACE-002", workers=2, alone=True, wait=_late)
async def test_a_reader_of_a_stream_that_does_not_appear_sees_the_end(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The reader is ended after the grace, and does not wait for a job that starts later."""
    delivered, _ = await _read_too_early(target)

    expect_that(
        not delivered.ticks and delivered.ending.is_end,
        expected=f"the end of the stream after {target.timings.startup_grace_s:.1f} s",
        actual=f"{delivered.ending.value} ({delivered.detail}), ticks {delivered.ticks}",
        jobs=delivered.job,
    )


@requirement("GRACE-003", workers=2, alone=True, wait=_late)
async def test_a_reader_of_a_stream_that_does_not_appear_is_not_ended_early(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The reader is not ended before the grace is over."""
    delivered, waited_s = await _read_too_early(target)

    grace_s = target.timings.startup_grace_s
    answered = delivered.ending.is_end or delivered.ending is Ending.SILENT
    expect_that(
        bool(delivered.ticks) or (answered and waited_s >= grace_s * _EARLY),
        expected=f"a reader that waits {grace_s:.1f} s for the first write",
        actual=f"{delivered.ending.value} after {waited_s:.2f} s",
        jobs=delivered.job,
    )


@requirement("GRACE-003", alone=True, wait=_late)
async def test_a_reader_on_the_jobs_own_worker_is_not_ended_early(target: System) -> None:
    """That the worker runs the job is no reason to know that nothing comes."""
    job = await slow_job(target, _late(target.timings))
    opened_s, grace_s = target.history.now_s(), target.timings.startup_grace_s

    delivered = await read_stream(job, via=job.owner)

    waited_s = delivered.ended_s - (delivered.began_s or opened_s)
    answered = delivered.ending.is_end or delivered.ending is Ending.SILENT
    expect_that(
        bool(delivered.ticks) or (answered and waited_s >= grace_s * _EARLY),
        expected=f"a reader that waits {grace_s:.1f} s for the first write",
        actual=f"{delivered.ending.value} after {waited_s:.2f} s, on worker {job.owner}",
        jobs=job,
    )


@requirement("GRACE-003", workers=2, alone=True, wait=_late)
async def test_a_reader_that_comes_after_another_has_a_grace_of_its_own(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Half a grace after the first reader a second one comes, and waits as long as that."""
    job = await slow_job(target, _late(target.timings))
    grace_s, reader = target.timings.startup_grace_s, _elsewhere(job)
    first = asyncio.create_task(read_stream(job, via=reader))
    await pass_time(target, grace_s / 2)

    opened_s = target.history.now_s()
    delivered = await read_stream(job, via=reader)

    await first
    waited_s = delivered.ended_s - (delivered.began_s or opened_s)
    answered = delivered.ending.is_end or delivered.ending is Ending.SILENT
    expect_that(
        bool(delivered.ticks) or (answered and waited_s >= grace_s * _EARLY),
        expected=f"a reader that waits {grace_s:.1f} s for the first write, whenever it comes",
        actual=f"{delivered.ending.value} after {waited_s:.2f} s; another had come "
        f"{grace_s / 2:.1f} s before it",
        jobs=job,
    )


@requirement("GRACE-006", workers=2, alone=True, wait=_late)
async def test_a_reader_ended_by_the_grace_does_not_end_the_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The job does all its work, and readers that come back receive everything."""
    job = await slow_job(target, target.timings.startup_grace_s + 2.0)
    reader = _elsewhere(job)
    await _ended_without_events(job, reader)

    within_s = target.timings.startup_grace_s + 2 * target.timings.answer_s
    again, elsewhere = await asyncio.gather(
        read_stream(job, via=reader, within_s=within_s),
        read_stream(job, via=job.owner, within_s=within_s),
    )

    await _expect_all_work_done(job)
    expect(elsewhere).to_be_complete_and_in_order()
    expect(again).to_be_complete_and_in_order()


@requirement("GRACE-007", workers=2, wait=lambda timings: timings.startup_grace_s + _PAUSE_MORE_S)
async def test_a_pause_longer_than_the_grace_does_not_end_the_stream(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The grace applies before the first event only."""
    quiet_s = target.timings.startup_grace_s + _PAUSE_MORE_S
    probe = Probe(ticks=6, interval_s=0.05, quiet_after=2, quiet_s=quiet_s)
    job, reader = await target.submit(probe, via=workers[0]), workers[-1]

    async with kept_alive(job, via=uninvolved_worker(job, reader)):
        delivered = await read_stream(job, via=reader)

    expect(delivered).to_have_lost_nothing()
    if delivered.longest_silence_s <= target.timings.startup_grace_s:
        raise Inconclusive("the reader came so late that no pause it saw outlasted the grace")


@requirement("GRACE-008", workers=2, alone=True, wait=_early)
async def test_a_client_that_polls_before_the_first_write_loses_nothing(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Polls of another worker begin before the job's first event."""
    job = await slow_job(target, _early(target.timings))

    delivered = await poll_until_terminal(job, via=_elsewhere(job))

    await _expect_nothing_lost(delivered)


@requirement("GRACE-008", alone=True, wait=_early)
async def test_a_client_that_polls_the_jobs_own_worker_before_the_first_write_loses_nothing(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Polls of the worker that runs the job begin before its first event."""
    job = await slow_job(target, _early(target.timings))

    delivered = await poll_until_terminal(job, via=job.owner)

    await _expect_nothing_lost(delivered)


@requirement("GRACE-010", workers=2, alone=True, wait=_late)
async def test_a_reader_ended_by_the_grace_can_tell_it_from_a_completed_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The reader is told of a failure, not shown a bare or an ordinary end."""
    job = await slow_job(target, _late(target.timings))

    delivered = await _ended_without_events(job, _elsewhere(job))

    expect(delivered).to_have_ended(Ending.FAILED, by_grace=True)


def _elsewhere(job: Job) -> Worker:
    return job.system.others(job.owner)[-1]


async def _expect_nothing_lost(delivered: Delivery) -> None:
    """Of polls that began early; a job that began late besides is not what they are about."""
    job = delivered.job
    due_s = job.submitted_s + job.system.timings.startup_grace_s

    async def begun_s() -> float | None:
        return min((seen.at_s for seen in job.sightings), default=None)

    if not delivered.ticks:
        left_s = max(0.0, due_s - job.system.history.now_s())
        at_s, _ = await eventually(begun_s, lambda s: s is not None, within_s=left_s)
        if at_s is None or at_s > due_s:
            raise Inconclusive("the job had not begun when the startup grace was over")
    expect(delivered).to_have_lost_nothing()


async def _read_too_early(target: System) -> tuple[Delivery, float]:
    """What a reader got of a job that starts after the grace, and how long it read."""
    job = await slow_job(target, _late(target.timings))
    opened_s = target.history.now_s()
    delivered = await read_stream(job, via=_elsewhere(job))
    return delivered, delivered.ended_s - (delivered.began_s or opened_s)


async def _ended_without_events(job: Job, via: Worker) -> Delivery:
    delivered = await read_stream(job, via=via)
    if delivered.ticks or not delivered.ending.is_end:
        raise Inconclusive(f"the grace did not end the reader: {delivered.ending.value}")
    if delivered.ended_s - (delivered.began_s or 0.0) < job.system.timings.startup_grace_s * _EARLY:
        raise Inconclusive("the reader was ended before the grace was over")
    return delivered


async def _expect_all_work_done(job: Job) -> None:
    async def done() -> set[int]:
        return {seen.tick for seen in job.sightings}

    wanted = set(job.probe.expected_ticks)
    ticks, whole = await eventually(done, wanted.issubset, within_s=job.system.timings.answer_s)
    expect_that(
        whole,
        expected=f"the job does all its {len(wanted)} ticks after its reader's end",
        actual=f"it did ticks {sorted(ticks)}",
        jobs=job,
    )
