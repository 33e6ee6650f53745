"""Who gets in (`Langflow 1.10, "Deploy Langflow with multiple workers"`, Example: multi-worker
Docker Compose and Monitor the job queue).
"""

from __future__ import annotations

import asyncio

from queueproof.case import (
    Inconclusive,
    Kind,
    NotAssessed,
    Probe,
    Role,
    System,
    Worker,
    expect_answer,
    expect_that,
    requirement,
)
from queueproof.history import Outcome
from queueproof.targets.protocol import Reply

_NOBODY_TO_LOG_IN = "needs a name and a password to log in with (QUEUEPROOF_USERNAME and _PASSWORD)"
_FORBIDDEN = 403
_NOT_LET_IN = (401, _FORBIDDEN)


@requirement("ACCS-001", alone=True)
async def test_login_answers_with_a_token_that_every_worker_accepts(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A token won from one worker opens every worker, whichever it was.

    Alone, since the token that it wins takes the place of the one that other cases speak with.
    """
    probe = Probe(ticks=1, interval_s=0.02)
    for issuer in workers:
        won = await _log_in(target, issuer, correctly=True)
        expect_answer(won, Kind.SUCCESS, to="a login", by=f"worker {issuer}")
        expect_that(
            won.outcome is Outcome.OK,
            expected="200 with an access token",
            actual=f"worker {issuer} answered {won.words}",
        )
        answers = await asyncio.gather(
            *(target.try_submit(probe, via=worker) for worker in workers)
        )
        for worker, (_, reply) in zip(workers, answers, strict=True):
            expect_answer(
                reply,
                Kind.SUCCESS,
                to=f"a submit with the token of worker {issuer}",
                by=f"worker {worker}",
            )


@requirement("ACCS-002")
async def test_login_with_a_wrong_password_is_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """It is answered with a refusal, and with no token."""
    reply = await _log_in(target, workers[-1], correctly=False)

    if not reply.answered:
        raise Inconclusive(f"the login was not answered: {reply.detail}")
    expect_answer(reply, Kind.REFUSAL, to="a login with a wrong password")


@requirement("ACCS-003")
async def test_the_monitor_answers_403_to_a_user_who_is_no_superuser(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker."""
    await _expect_of_the_monitor(target, Role.OTHER, (_FORBIDDEN,))


@requirement("ACCS-004")
async def test_the_monitor_is_refused_without_a_token(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker."""
    await _expect_of_the_monitor(target, Role.NOBODY, _NOT_LET_IN)


@requirement("ACCS-004")
async def test_the_monitor_is_refused_with_a_forged_token(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A token that nobody issued is none."""
    await _expect_of_the_monitor(target, Role.FORGER, _NOT_LET_IN)


async def _log_in(target: System, via: Worker, *, correctly: bool) -> Reply:
    reply = await target.log_in_again(via=via, correctly=correctly)
    if reply is None:
        raise NotAssessed(_NOBODY_TO_LOG_IN)
    return reply


async def _expect_of_the_monitor(target: System, role: Role, statuses: tuple[int, ...]) -> None:
    for worker in target.workers:
        reply = await target.monitor(via=worker, role=role)
        if not reply.answered:
            raise Inconclusive(f"the monitor was not answered: {reply.detail}")
        expect_that(
            reply.status in statuses,
            expected=" or ".join(str(status) for status in statuses),
            actual=f"worker {worker} answered {reply.status} to one with {role.value}",
        )
