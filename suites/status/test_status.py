"""What a job's status says agrees with what the job did and with what its readers were told
(completes `queueproof, "Any other queue"`, Status).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Ending,
    Inconclusive,
    Job,
    Kind,
    Probe,
    System,
    Worker,
    cancel_running,
    eventually,
    expect_refusal,
    expect_that,
    read_job,
    require_answer,
    requirement,
    status,
)
from queueproof.targets.statuses import StatusReply

_BRIEF = Probe(ticks=3, interval_s=0.05)
_FAILING = Probe(ticks=4, interval_s=0.05, fail_at=2)
_RUNNING = Probe(ticks=200, interval_s=0.1)
_LOOKS = 5
_LOOK_EVERY_S = 0.3


@requirement("STAT-001")
async def test_the_status_of_a_completed_job_says_so(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker."""
    await _expect_states(await _submitted(target, _BRIEF), Ending.COMPLETED)


@requirement("STAT-001")
async def test_the_status_of_a_failed_job_says_so(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker."""
    await _expect_states(await _submitted(target, _FAILING), Ending.FAILED)


@requirement("STAT-001", wait=lambda t: t.cancel_effect_s)
async def test_the_status_of_a_cancelled_job_says_so(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker, once the cancel may have taken effect."""
    job = await _submitted(target, _RUNNING)
    await cancel_running(job, via=workers[-1])

    await _expect_states(job, Ending.CANCELLED)


@requirement("STAT-002", wait=lambda _: _LOOKS * _LOOK_EVERY_S)
async def test_the_status_of_a_running_job_does_not_say_that_it_has_ended(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Asked again and again, worker by worker, long before the job's last tick."""
    job = await target.submit(_RUNNING, via=workers[0])
    replies: list[StatusReply] = []

    async def look() -> bool:
        reply = await status(job, via=workers[len(replies) % len(workers)])
        require_answer(reply, Kind.SUCCESS, to="a question for the status")
        replies.append(reply)
        return len(replies) >= _LOOKS or replies[-1].ending is not None

    await eventually(look, bool, within_s=_LOOKS * _LOOK_EVERY_S)
    if target.history.now_s() - job.submitted_s > _RUNNING.duration_s:
        raise Inconclusive("the job was watched for longer than it runs")
    early = [reply.state for reply in replies if reply.ending is not None]
    expect_that(
        not early,
        expected=f"no final state while the job runs, for {_RUNNING.duration_s:.0f} s at least",
        actual=f"its status was {early[0] if early else ''!r} before its end",
        jobs=job,
    )


@requirement("STAT-003")
async def test_a_reader_who_was_told_of_the_end_finds_a_status_that_agrees(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """For a job that completes and one that fails, asked in the answer time after the end."""
    for probe in (_BRIEF, _FAILING):
        job = await target.submit(probe, via=workers[0])
        delivered = await read_job(job, via=workers[-1])
        if delivered.ending not in (Ending.COMPLETED, Ending.FAILED):
            raise Inconclusive(f"the reader was not told how it ended: {delivered.ending.value}")

        reply = await _settled(job, workers[-1])

        expect_that(
            reply.ending is delivered.ending,
            expected=f"a status that agrees with what the reader was told: "
            f"{delivered.ending.value}",
            actual=_said(reply),
            jobs=job,
        )


@requirement("STAT-004")
async def test_the_status_of_a_job_that_never_existed_is_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker."""
    job = target.unknown_job()

    for worker in workers:
        reply = await status(job, via=worker)
        expect_refusal(reply, to="the status of an unknown job", by=f"worker {worker}")


async def _submitted(target: System, probe: Probe) -> Job:
    return await target.submit(probe, via=target.workers[0])


async def _expect_states(job: Job, wanted: Ending) -> None:
    """Every worker says `wanted` within the time that the job and an answer may take."""
    workers = job.system.workers
    replies = await asyncio.gather(*(_settled(job, worker) for worker in workers))
    wrong = [
        f"worker {worker} answered {_said(reply)}"
        for worker, reply in zip(workers, replies, strict=True)
        if reply.ending is not wanted
    ]
    expect_that(
        not wrong,
        expected=f"every worker's status of the job: {wanted.value}",
        actual="; ".join(wrong),
        jobs=job,
    )


async def _settled(job: Job, worker: Worker) -> StatusReply:
    """The first status that is a final one, or the last one in the time that it may take."""
    timings = job.system.timings
    bound_s = min(job.probe.duration_s, 1.0) + timings.cancel_effect_s + timings.answer_s

    async def look() -> StatusReply:
        return await status(job, via=worker)

    reply, _ = await eventually(look, lambda seen: seen.ending is not None, within_s=bound_s)
    return reply


def _said(reply: StatusReply) -> str:
    return repr(reply.state) if reply.state else reply.words
