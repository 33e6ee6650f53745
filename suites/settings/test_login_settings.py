"""Who gets in: automatic login, and logins across a restart
("Example: multi-worker Docker Compose").
"""

from __future__ import annotations

from queueproof.case import Inconclusive, expect_that, requirement
from queueproof.running.launch import Launch
from queueproof.targets.langflow.visitor import token_of, visiting

SUPERUSER = {
    "LANGFLOW_SUPERUSER": "keeper",
    "LANGFLOW_SUPERUSER_PASSWORD": "Keeper-Of-1",
    "LANGFLOW_AUTO_LOGIN": "False",
    "LANGFLOW_WORKERS": "1",
}
#: BOOT-006 starts the same target.
OPEN_DOOR = {"LANGFLOW_GUNICORN_PRELOAD": "true", "LANGFLOW_AUTO_LOGIN": "True"}


@requirement("SETT-015")
async def test_users_and_tokens_survive_a_restart(launch: Launch) -> None:
    """A token given to a user before a restart speaks for the same user after it."""
    redis, folder = await launch.redis(), launch.folder()
    first = await launch.attempt(SUPERUSER, redis=redis, data=folder)
    if not first.serving:
        raise Inconclusive(f"the first start does not serve: {first.last_lines}")
    async with visiting(first.url) as visitor:
        keeper = await visitor.log_in("keeper", "Keeper-Of-1")
        await visitor.register("guest", "Guest-Of-1", admin_token=keeper)
        token = await visitor.log_in("guest", "Guest-Of-1")
        before = await visitor.whoami(token)
    await first.child.stop()

    second = await launch.attempt(SUPERUSER, redis=redis, data=folder)
    if not second.serving:
        raise Inconclusive(f"the second start does not serve: {second.last_lines}")
    async with visiting(second.url) as visitor:
        after = await visitor.whoami(token)

    if not before.ok:
        raise Inconclusive(f"the token was not even accepted before: {before.status}")
    expect_that(
        after.ok and after.json.get("id") == before.json.get("id"),
        expected="the user's token from before the restart is accepted, for the same user",
        actual=f"GET /api/v1/users/whoami answers {after.status} {after.detail}",
    )


@requirement("SETT-016")
async def test_with_automatic_login_a_client_needs_no_password(launch: Launch) -> None:
    """A client that gives nothing gets a token that the target accepts."""
    lane = await launch.shared(OPEN_DOOR, workers=1)

    async with visiting(lane.boot.url) as visitor:
        given = await visitor.log_in_automatically()
        who = await visitor.whoami(token_of(given))

    expect_that(
        bool(token_of(given)) and who.ok,
        expected="GET /api/v1/auto_login gives a token that the target accepts",
        actual=f"the login answers {given.status}, the token's first use {who.status}",
    )
