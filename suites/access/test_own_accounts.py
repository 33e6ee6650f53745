"""What becomes of an account that is changed: by a superuser, and by its own user
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Example: multi-worker Docker Compose,
and Monitor the job queue).
"""

from __future__ import annotations

import uuid

from queueproof.case import (
    Access,
    Inconclusive,
    System,
    Worker,
    expect_that,
    requirement,
)
from queueproof.targets.langflow.any_request import ask
from queueproof.targets.langflow.throwaway_users import (
    change_user,
    log_in,
    throwaway_user,
    token_of,
)

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
