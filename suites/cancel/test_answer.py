"""What a cancel is answered, and to whom
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker cancellation).
"""

from __future__ import annotations

from queueproof.case import (
    Ending,
    Inconclusive,
    Probe,
    Role,
    System,
    Worker,
    expect,
    expect_that,
    read_to_end,
    read_until_tick,
    requirement,
)

RUNNING = Probe(ticks=150, interval_s=0.2)
BRIEF = Probe(ticks=12, interval_s=0.2)


@requirement("CANC-001")
async def test_the_owner_answers_a_cancel_with_success_and_a_message(target: System) -> None:
    """A cancel at the worker that runs the build is answered with success and a message."""
    job = await target.submit(RUNNING)

    reply = await target.cancel(job, via=job.owner)

    expect_that(
        reply.claims_success and bool(reply.message),
        expected='200 with "success": true and a message',
        actual=f"{reply.words} from the owner, worker {job.owner}",
        jobs=job,
    )


@requirement("CANC-001", workers=2)
async def test_another_worker_answers_a_cancel_with_success_and_a_message(target: System) -> None:
    """A cancel at another worker is answered with success and a message."""
    job = await target.submit(RUNNING)
    other = target.others(job.owner)[0]

    reply = await target.cancel(job, via=other)

    expect_that(
        reply.claims_success and bool(reply.message),
        expected='200 with "success": true and a message',
        actual=f"{reply.words} from worker {other}; the owner is {job.owner}",
        jobs=job,
    )


@requirement("CANC-006", workers=2)
async def test_a_second_cancel_is_answered_too(target: System) -> None:
    """A repeated cancel gets a clean answer from every worker, be it that nothing is left."""
    job = await target.submit(RUNNING)
    first = await target.cancel(job, via=job.owner)
    if not first.claims_success:
        raise Inconclusive(f"the first cancel was not taken: {first.words}")

    again = {worker: await target.cancel(job, via=worker) for worker in target.workers}

    poor = [
        f"worker {at}: {reply.words}" for at, reply in again.items() if not _clean(reply.status)
    ]
    expect_that(
        not poor,
        expected="every repeated cancel is answered with success or a refusal (2xx or 4xx)",
        actual="; ".join(poor),
        jobs=job,
    )


@requirement("CANC-006", workers=2)
async def test_a_second_cancel_does_not_change_how_the_build_ended(target: System) -> None:
    """A reader that was told one ending is not told another after a repeated cancel."""
    job = await target.submit(RUNNING)
    async with target.stream(job, via=target.others(job.owner)[0]) as stream:
        await read_until_tick(stream, 0)
        await target.cancel(job, via=job.owner)
        first = await read_to_end(stream, within_s=_bound_s(target))
    if first.ending is Ending.SILENT:
        raise Inconclusive("the first cancel did not end the stream")

    reply = await target.cancel(job, via=target.others(job.owner)[-1])

    endings = [event for event in first.events if event.kind.value in ("end", "cancelled")]
    expect_that(
        reply.answered and len(endings) <= 1,
        expected="one ending at most, and an answer to the repeated cancel",
        actual=f"{len(endings)} terminal events; the repeated cancel: {reply.words}",
        jobs=job,
    )


@requirement("CANC-008")
async def test_a_cancel_of_a_job_that_never_existed_is_refused(target: System) -> None:
    """Every worker refuses to cancel an unknown job, and none claims success."""
    job = target.unknown_job()

    replies = {worker: await target.cancel(job, via=worker) for worker in target.workers}

    wrong = [
        f"worker {worker}: {reply.words}"
        for worker, reply in replies.items()
        if reply.claims_success or not _clean(reply.status)
    ]
    expect_that(
        not wrong,
        expected="a refusal (4xx, or no success claimed) from every worker",
        actual="; ".join(wrong),
    )


@requirement("CANC-009", workers=2)
async def test_a_cancel_by_another_user_is_refused_and_the_build_goes_on(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Somebody else's cancel, at any worker, is refused; the build runs to its end."""
    job = await target.submit(BRIEF, via=workers[0])
    async with target.stream(job, via=workers[0]) as stream:
        await read_until_tick(stream, 0)
        replies = {at: await target.cancel(job, via=at, role=Role.OTHER) for at in workers}
        delivered = await read_to_end(stream)

    taken = [f"worker {at}: {reply.words}" for at, reply in replies.items() if reply.claims_success]
    expect_that(
        not taken,
        expected="the other user's cancel is refused by every worker",
        actual="; ".join(taken),
        jobs=job,
    )
    expect(delivered).to_have_ended(Ending.COMPLETED)


def _clean(status: int | None) -> bool:
    return status is not None and status < 500


def _bound_s(target: System) -> float:
    return target.timings.cancel_effect_s + target.timings.answer_s
