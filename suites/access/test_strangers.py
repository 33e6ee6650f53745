"""What those may not do who have no token, or who are not the job's user
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker
cancellation).
"""

from __future__ import annotations

import asyncio
from functools import partial

from queueproof.case import (
    Delivery,
    Ending,
    Inconclusive,
    Job,
    Kind,
    NotAssessed,
    Probe,
    Role,
    System,
    Worker,
    eventually,
    expect_that,
    poll_until_terminal,
    read_job,
    requirement,
    status,
)
from queueproof.case_helpers.moments import require_under_way
from queueproof.case_helpers.refusals import NOT_FOR_YOU
from queueproof.targets.protocol import Reply
from queueproof.targets.statuses import dead_letters

_NOT_LET_IN = (401, 403)
_SHORT = Probe(ticks=10, interval_s=0.1, witnessed=True)
_BESIDE = Probe(ticks=20, interval_s=0.1, witnessed=True)
_FAILING = Probe(ticks=2, interval_s=0.05, fail_at=1)
_STOPPED = (Ending.CANCELLED, Ending.FAILED)
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
    """To polls and to streams, without a token and with a forged one; the job is as it was."""
    job, alike = await _two_alike(target, workers[0])

    for role in _STRANGERS:
        reply = await target.poll(job, via=workers[-1], role=role, within_s=target.patience_s)
        _expect_status(reply, NOT_FOR_YOU, f"a poll with {role.value}", job)
        async with target.stream(job, via=workers[-1], role=role) as stream:
            _expect_status(stream.reply, NOT_FOR_YOU, f"a stream with {role.value}", job)
    await _expect_unharmed(job, alike)


@requirement("ACCS-006", contracts=("generic",))
async def test_status_and_dead_letters_are_refused_without_a_valid_token(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Without a token and with a forged one; the user of the job is answered.

    A list of dead letters that is nobody's own may be open to all: see the same of other users.
    """
    asks = target.adapter.operations
    own_lists = "dead" in asks and bool(target.promises and target.promises.own_dead_letters)
    if "status" not in asks and not own_lists:
        raise NotAssessed("the mapping names no status, and no list that is promised to be own")
    job = await target.submit(_SHORT, via=workers[0])

    for role in _STRANGERS:
        if "status" in asks:
            reply: Reply = await status(job, via=workers[-1], role=role)
            _expect_status(reply, NOT_FOR_YOU, f"a status with {role.value}", job)
        if own_lists:
            reply = await dead_letters(target, via=workers[-1], role=role)
            _expect_status(reply, NOT_FOR_YOU, f"a list of dead letters with {role.value}", job)
    own = await status(job, via=workers[-1]) if "status" in asks else None
    if own is not None and own.kind is not Kind.SUCCESS:
        raise Inconclusive(f"its own user was told no status: {own.words}")


@requirement("ACCS-007")
async def test_a_cancel_without_a_valid_token_is_refused_and_the_build_goes_on(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """The job's own reader sees it complete."""
    job = await target.submit(_BESIDE, via=workers[0])
    reading = asyncio.create_task(read_job(job, via=workers[0]))

    replies = [(role, await target.cancel(job, via=workers[-1], role=role)) for role in _STRANGERS]
    asked_s = target.history.now_s()

    delivered = await reading
    for role, reply in replies:
        _expect_status(reply, NOT_FOR_YOU, f"a cancel with {role.value}", job)
    if not delivered.ending.is_end:
        raise Inconclusive(f"the job could not be read: {delivered.ending.value}")
    expect_that(
        set(delivered.ticks) >= set(_BESIDE.expected_ticks),
        expected="the build goes on and does all its ticks",
        actual=f"after the refused cancel: {delivered.ending.value}, ticks {delivered.ticks}",
        jobs=job,
    )
    require_under_way(job, at_s=asked_s, what="the cancels")


@requirement("ACCS-008")
async def test_another_user_cannot_poll_the_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker; the job's own user is told all of it afterwards."""
    job, alike = await _two_alike(target, workers[0])

    for worker in workers:
        reply = await target.poll(job, via=worker, role=Role.OTHER, within_s=target.patience_s)
        _expect_status(reply, NOT_FOR_YOU, f"another user's poll on worker {worker}", job)
    await _expect_unharmed(job, alike)


@requirement("ACCS-008", contracts=("generic",))
async def test_another_user_is_told_neither_the_status_nor_the_failure(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Of a job that failed, on every worker; its own user is told both.

    Many queues have one list of dead letters for all who operate them: it is asked for only where
    each user is promised a list of their own.
    """
    asks = target.adapter.operations
    own_lists = "dead" in asks and bool(target.promises and target.promises.own_dead_letters)
    if "status" not in asks and not own_lists:
        raise NotAssessed(
            "the mapping names no status, and no list of dead letters is promised to be the "
            "user's own: needs [promises] own_dead_letters"
        )
    job = await target.submit(_FAILING, via=workers[0])
    if (read := await read_job(job)).ending is not Ending.FAILED:
        raise Inconclusive(f"the job was told as {read.ending.value}")

    for worker in workers if "status" in asks else ():
        own = await status(job, via=worker)
        if own.kind is not Kind.SUCCESS:
            raise Inconclusive(f"worker {worker} told its own user no status: {own.words}")
        reply = await status(job, via=worker, role=Role.OTHER)
        _expect_status(reply, NOT_FOR_YOU, f"another user's status on worker {worker}", job)
    for worker in workers if own_lists else ():
        await _expect_a_list_of_their_own(job, worker)


async def _expect_a_list_of_their_own(job: Job, worker: Worker) -> None:
    """The user's dead letters have the job; another user's are refused, or do not."""
    target = job.system
    own, there = await eventually(
        partial(dead_letters, target, via=worker),
        lambda told: job.id in (told.result or ()),
        within_s=target.patience_s,
    )
    if not there:
        raise Inconclusive(f"worker {worker} did not list the job for its own user: {own.words}")
    told = await dead_letters(target, via=worker, role=Role.OTHER)
    if told.kind is Kind.REFUSAL:
        return
    if told.result is None:
        raise Inconclusive(f"worker {worker} told another user no list: {told.words}")
    expect_that(
        job.id not in told.result,
        expected="another user's dead letters without the user's",
        actual=f"worker {worker} told the job's id among {len(told.result)}",
        jobs=job,
    )


@requirement("ACCS-009")
async def test_another_user_cannot_stream_the_job(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker; the job goes on."""
    job, alike = await _two_alike(target, workers[0])

    for worker in workers:
        async with target.stream(job, via=worker, role=Role.OTHER) as stream:
            _expect_status(
                stream.reply, NOT_FOR_YOU, f"another user's stream on worker {worker}", job
            )
    await _expect_unharmed(job, alike)


async def _two_alike(target: System, via: Worker) -> tuple[Job, Job]:
    """One that strangers ask for, and one that they do not: what is lost of both is not theirs."""
    first, second = [await target.submit(_SHORT, via=via) for _ in range(2)]
    return first, second


async def _expect_unharmed(job: Job, alike: Job) -> None:
    """A refused request has changed nothing: the job's own user gets as much of it as of another.

    Raises Inconclusive where the user does not get the job either: one that is gone is refused to
    everybody.
    """
    told, of_another = await asyncio.gather(_all_that_is_told(job), _all_that_is_told(alike))
    own, other = told[0], of_another[0]
    if not own.ending.is_end:
        raise Inconclusive(
            f"its own user does not get the job either: {own.ending.value} {own.detail}"
        )
    expect_that(
        own.ending not in _STOPPED or other.ending in _STOPPED,
        expected="a refused request to leave the job alone, as one that no stranger asked for",
        actual=f"its own user was told {own.ending.value} after {len(own.ticks)} ticks",
        jobs=job,
    )
    lost = _missing_from_polls(told)
    expect_that(
        not lost or bool(_missing_from_polls(of_another)),
        expected="a refused request to take nothing from the polls of the job's own user",
        actual=f"ticks {lost} were streamed and not polled; of a job that no stranger asked for "
        "all were",
        jobs=job,
    )


def _missing_from_polls(told: list[Delivery]) -> list[int]:
    return sorted(set(told[0].ticks) - set(told[-1].ticks))


async def _all_that_is_told(job: Job) -> list[Delivery]:
    """Read as a stream and then, where there are such, by polls."""
    read = [await read_job(job)]
    if {"stream", "poll"} <= job.system.adapter.operations:
        read.append(await poll_until_terminal(job, via=job.owner))
    return read


def _expect_status(reply: Reply, statuses: tuple[int, ...], what: str, job: Job | None) -> None:
    if not reply.answered:
        raise Inconclusive(f"{what} was not answered: {reply.detail}")
    expect_that(
        reply.status in statuses,
        expected=f"{what} to be refused ({', '.join(str(status) for status in statuses)})",
        actual=f"it was answered {reply.words}",
        jobs=(job,) if job else (),
    )
