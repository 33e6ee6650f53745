"""What those may not do who have no token, or who are not the job's user
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker
cancellation).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Inconclusive,
    Job,
    Probe,
    Role,
    System,
    Worker,
    expect_that,
    read_job,
    requirement,
)
from queueproof.targets.protocol import Reply

_NOT_LET_IN = (401, 403)
_NOT_FOR_YOU = (401, 403, 404)
_SHORT = Probe(ticks=10, interval_s=0.1, witnessed=True)
_STRANGERS = (Role.NOBODY, Role.FORGER)


@requirement("ACCS-005")
async def test_a_submit_without_a_valid_token_is_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Without a token, and with a forged one."""
    for role in _STRANGERS:
        job, reply = await target.try_submit(_SHORT, via=workers[-1], role=role)
        _expect_status(reply, _NOT_LET_IN, f"a submit with {role.value}", job)


@requirement("ACCS-006")
async def test_events_are_refused_without_a_valid_token(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """To polls and to streams, without a token and with a forged one."""
    job = await target.submit(_SHORT, via=workers[0])

    for role in _STRANGERS:
        reply = await target.poll(job, via=workers[-1], role=role, within_s=target.patience_s)
        _expect_status(reply, _NOT_FOR_YOU, f"a poll with {role.value}", job)
        async with target.stream(job, via=workers[-1], role=role) as stream:
            _expect_status(stream.reply, _NOT_FOR_YOU, f"a stream with {role.value}", job)
    await _expect_there(job)


@requirement("ACCS-007")
async def test_a_cancel_without_a_valid_token_is_refused_and_the_build_goes_on(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The job's own reader sees it complete."""
    job = await target.submit(_SHORT, via=workers[0])
    reading = asyncio.create_task(read_job(job, via=workers[0]))

    replies = [(role, await target.cancel(job, via=workers[-1], role=role)) for role in _STRANGERS]

    delivered = await reading
    for role, reply in replies:
        _expect_status(reply, _NOT_FOR_YOU, f"a cancel with {role.value}", job)
    if not delivered.ending.is_end:
        raise Inconclusive(f"the job could not be read: {delivered.ending.value}")
    expect_that(
        set(delivered.ticks) >= set(_SHORT.expected_ticks),
        expected="the build goes on and does all its ticks",
        actual=f"after the refused cancel: {delivered.ending.value}, ticks {delivered.ticks}",
        jobs=job,
    )


@requirement("ACCS-008")
async def test_another_user_cannot_poll_the_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker."""
    job = await target.submit(_SHORT, via=workers[0])

    for worker in workers:
        reply = await target.poll(job, via=worker, role=Role.OTHER, within_s=target.patience_s)
        _expect_status(reply, _NOT_FOR_YOU, f"another user's poll on worker {worker}", job)
    await _expect_there(job)


@requirement("ACCS-009")
async def test_another_user_cannot_stream_the_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker."""
    job = await target.submit(_SHORT, via=workers[0])

    for worker in workers:
        async with target.stream(job, via=worker, role=Role.OTHER) as stream:
            _expect_status(
                stream.reply, _NOT_FOR_YOU, f"another user's stream on worker {worker}", job
            )
    await _expect_there(job)


async def _expect_there(job: Job) -> None:
    """The job's own user can read it: a job that is gone is refused to everybody."""
    delivered = await read_job(job)
    if not delivered.ending.is_end:
        raise Inconclusive(
            f"its own user does not get the job either: {delivered.ending.value} {delivered.detail}"
        )


def _expect_status(reply: Reply, statuses: tuple[int, ...], what: str, job: Job | None) -> None:
    if not reply.answered:
        raise Inconclusive(f"{what} was not answered: {reply.detail}")
    expect_that(
        reply.status in statuses,
        expected=f"{what} to be refused ({', '.join(str(status) for status in statuses)})",
        actual=f"it was answered {reply.words}",
        jobs=(job,) if job else (),
    )
