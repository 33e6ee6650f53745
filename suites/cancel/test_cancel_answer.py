"""What a cancel is answered, and to whom
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker cancellation).
"""

from __future__ import annotations

from queueproof.case import (
    Inconclusive,
    Job,
    Kind,
    Probe,
    Role,
    System,
    Worker,
    expect_answer,
    expect_refusal,
    expect_that,
    kept_alive,
    read_job,
    requirement,
    work_begun,
    work_goes_on,
)
from queueproof.config.deadlines import stopped_within_s
from queueproof.targets.protocol import CancelReply

_MANY = ("langflow", "generic")
RUNNING = Probe(ticks=150, interval_s=0.2)
WORK = Probe(ticks=600, interval_s=0.2, witnessed=True)
GOES_ON_S = 1.5


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


@requirement("CANC-006", contracts=_MANY, workers=2)
async def test_a_second_cancel_is_answered_too(target: System) -> None:
    """A repeated cancel gets a clean answer from every worker, be it that nothing is left."""
    job = await target.submit(RUNNING)
    first = await target.cancel(job, via=job.owner)
    if not first.claims_success:
        raise Inconclusive(f"the first cancel was not taken: {first.words}")

    again = {worker: await target.cancel(job, via=worker) for worker in target.workers}

    for at, reply in again.items():
        expect_answer(
            reply,
            Kind.SUCCESS,
            Kind.REFUSAL,
            to="every repeated cancel",
            by=f"worker {at}",
            jobs=job,
        )


@requirement("CANC-006", contracts=_MANY, workers=2)
async def test_a_second_cancel_does_not_change_how_the_build_ended(target: System) -> None:
    """Whoever reads the cancelled build before and after a repeated cancel sees the same end."""
    job = await target.submit(RUNNING)
    reader = target.others(job.owner)[0]
    first = await target.cancel(job, via=job.owner)
    if not first.claims_success:
        raise Inconclusive(f"the first cancel was not taken: {first.words}")
    before = await read_job(job, via=reader, within_s=stopped_within_s(target.timings))
    if not before.ending.is_end:
        raise Inconclusive("the first cancel did not end the build's stream")

    await target.cancel(job, via=target.others(job.owner)[-1])
    after = await read_job(job, via=reader, within_s=stopped_within_s(target.timings))
    if after.ended_s - before.ended_s > target.timings.stream_ttl_s / 2:
        raise Inconclusive("the second read came so late that the time to live may be over")

    expect_that(
        after.ending is before.ending,
        expected=f"as before the repeated cancel: {before.ending.value}",
        actual=f"{after.ending.value} {after.detail}".strip(),
        jobs=job,
    )


@requirement("CANC-008")
async def test_a_cancel_of_a_job_that_never_existed_is_refused(target: System) -> None:
    """Every worker refuses to cancel an unknown job, and none claims success."""
    job = target.unknown_job()

    replies = {worker: await target.cancel(job, via=worker) for worker in target.workers}

    for worker, reply in replies.items():
        _expect_not_taken(reply, f"the cancel of an unknown job at worker {worker}")


@requirement("CANC-009", workers=2, needs=("witness",))
async def test_a_cancel_by_another_user_is_refused_and_the_build_goes_on(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Somebody else's cancel, at any worker, is refused, and the ticks continue."""
    job = await target.submit(WORK, via=workers[0])
    await work_begun(job)

    replies = {at: await target.cancel(job, via=at, role=Role.OTHER) for at in workers}

    lived = await _goes_on(job, via=workers[-1])
    taken = [f"worker {at}: {reply.words}" for at, reply in replies.items() if reply.claims_success]
    for at, reply in replies.items():
        if not reply.claims_success:
            _expect_not_taken(reply, f"the other user's cancel at worker {at}", job)
    if not lived and not taken:
        await _expect_undisturbed_build_to_go_on(target, via=workers[-1])
    expect_that(
        lived and not taken,
        expected="every worker refuses the other user's cancel, and the build goes on",
        actual=f"claimed success: {'; '.join(taken) or 'nobody'}; "
        f"the build {'went on' if lived else 'stopped'}",
        jobs=job,
    )


async def _goes_on(job: Job, *, via: Worker) -> bool:
    async with kept_alive(job, via=via):
        return await work_goes_on(job, past_s=job.system.history.now_s() + GOES_ON_S)


async def _expect_undisturbed_build_to_go_on(target: System, *, via: Worker) -> None:
    control = await target.submit(WORK)
    await work_begun(control)
    if not await _goes_on(control, via=via):
        raise Inconclusive("a build that nobody cancels stops as well")


def _expect_not_taken(reply: CancelReply, to: str, *jobs: Job) -> None:
    """Refused (4xx), or answered without a claim of success."""
    if reply.kind is Kind.SUCCESS and not reply.claims_success:
        return
    expect_refusal(reply, to=to, jobs=jobs)
