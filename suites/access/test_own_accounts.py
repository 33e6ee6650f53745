"""What becomes of an account that is changed: by a superuser, and by its own user
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Example: multi-worker Docker Compose,
and Monitor the job queue).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from queueproof.case import (
    Access,
    Inconclusive,
    NotAssessed,
    System,
    Worker,
    expect_that,
    requirement,
)
from queueproof.targets.langflow.any_request import ask
from queueproof.targets.langflow.throwaway_users import (
    ThrowawayUser,
    change_user,
    key_of,
    log_in,
    throwaway_user,
    token_of,
)
from queueproof.targets.raw_replies import RawReply

_MONITOR = "/api/v1/monitor/job_queue"
_WHO_I_AM = "/api/v1/users/whoami"
_SUCCESS, _FORBIDDEN = 200, 403


@requirement("ACCS-002", contracts=("langflow",), access=Access.ADMIN)
async def test_a_password_that_was_changed_opens_nothing_any_more(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker, though each has just let its user in with it."""
    async with throwaway_user(target, via=workers[0]) as user:
        for worker in workers:
            await token_of(target, user, via=worker)
        new = f"Qp-{uuid.uuid4().hex}-2"
        await change_user(target, user, {"password": new}, via=workers[0])
        if (await log_in(target, user.name, new, via=workers[0])).status != 200:
            raise Inconclusive("a superuser's change of a password has no effect here")

        replies = {at: await log_in(target, user.name, user.password, via=at) for at in workers}

    if silent := [reply.detail for reply in replies.values() if not reply.answered]:
        raise Inconclusive(f"a login was not answered: {silent[0]}")
    let_in = [f"{reply.status} (worker {at})" for at, reply in replies.items() if not reply.refused]
    expect_that(
        not let_in,
        expected="a login with the password of before refused on every worker",
        actual="; ".join(let_in),
    )


@requirement("ACCS-003")
async def test_a_user_who_asks_to_be_a_superuser_is_none(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """Who may change his own account does not get to the monitor by that."""
    async with throwaway_user(target, via=workers[0]) as user:
        token = await token_of(target, user, via=workers[0])
        wish = {"json": {"is_superuser": True}}
        asked = await ask(target, "PATCH", user.path, via=workers[0], token=token, sending=wish)

        seen = await ask(target, "GET", _MONITOR, via=workers[-1], token=token)
        known = await ask(target, "GET", _WHO_I_AM, via=workers[-1], token=token)

    if not seen.answered:
        raise Inconclusive(f"the monitor did not answer: {seen.detail}")
    if known.status != _SUCCESS:
        raise Inconclusive(f"the user was not let in any more: {known.words}")
    expect_that(
        seen.status == _FORBIDDEN,
        expected="403 for a user who has asked to be a superuser",
        actual=f"{seen.status}; the request to become one was answered {asked.status}",
    )


@requirement("ACCS-003", access=Access.ADMIN)
async def test_the_monitor_answers_403_to_an_api_key_of_a_user_who_is_no_superuser(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker; the key opens what is its user's own."""
    async with throwaway_user(target, via=workers[0]) as user:
        key = await key_of(target, user, via=workers[0])
        known = await ask(target, "GET", _WHO_I_AM, via=workers[-1], key=key)
        if known.status != _SUCCESS:
            raise Inconclusive(f"the key opens nothing at all: {known.words}")
        seen = {at: await ask(target, "GET", _MONITOR, via=at, key=key) for at in workers}

    _expect_forbidden(seen, "an API key of a user who is no superuser")


@requirement("ACCS-003", access=Access.ADMIN)
async def test_the_monitor_answers_403_to_a_user_who_is_a_superuser_no_more(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """On every worker, though each has just shown it to the same token."""
    if target.spared is not None:
        raise NotAssessed("makes a superuser for a moment: say that the target is --disposable")
    async with throwaway_user(target, via=workers[0]) as user:
        token = await token_of(target, user, via=workers[0])
        await _promote(target, user, workers, token)
        await change_user(target, user, {"is_superuser": False}, via=workers[0])
        known = await ask(target, "GET", _WHO_I_AM, via=workers[0], token=token)
        if known.status != _SUCCESS or known.json.get("is_superuser") is not False:
            raise Inconclusive(f"the user is a superuser still: {known.words}")
        seen = {at: await ask(target, "GET", _MONITOR, via=at, token=token) for at in workers}

    _expect_forbidden(seen, "a user who was a superuser a moment before")


async def _promote(
    target: System, user: ThrowawayUser, workers: tuple[Worker, ...], token: str
) -> None:
    """Make the user a superuser, whom every worker shows its monitor."""
    await change_user(target, user, {"is_superuser": True}, via=workers[0])
    for at in workers:
        shown = await ask(target, "GET", _MONITOR, via=at, token=token)
        if shown.status != _SUCCESS:
            raise Inconclusive(f"worker {at} shows a new superuser no monitor: {shown.words}")


def _expect_forbidden(seen: Mapping[Worker, RawReply], whom: str) -> None:
    if silent := [reply.detail for reply in seen.values() if not reply.answered]:
        raise Inconclusive(f"the monitor did not answer: {silent[0]}")
    shown = [f"{reply.status} (worker {at})" for at, reply in seen.items()]
    expect_that(
        all(reply.status == _FORBIDDEN for reply in seen.values()),
        expected=f"403 on every worker for {whom}",
        actual="; ".join(shown),
    )
