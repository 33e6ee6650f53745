"""Getting in where only so many logins a minute are allowed."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from queueproof.config.model import Credentials
from queueproof.errors import TargetUnreachable, UsageError
from queueproof.targets.http import Exchange
from queueproof.targets.langflow import logins
from queueproof.targets.langflow.account import LangflowAccount
from queueproof.targets.protocol import Role
from queueproof.targets.vantage import Vantage

from .stub_target import answered_by

BUSY = httpx.Response(429, json={"detail": "Too many requests"}, headers={"retry-after": "0"})
TOKEN = httpx.Response(200, json={"access_token": "a-token"})
UNANSWERED = httpx.ReadError("reset")
WRONG = httpx.Response(401, json={"detail": "Incorrect username or password"})


class Account(LangflowAccount):
    """Its logins are answered from a list."""

    def __init__(self, *answers: httpx.Response | httpx.HTTPError) -> None:
        super().__init__(Credentials(username="somebody", password="something"), witness=None)
        self.answers = list(answers)

    def answer(self, _request: httpx.Request) -> httpx.Response:
        """The next answer."""
        answer = self.answers.pop(0)
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer


def enter(account: Account) -> None:
    async def main() -> None:
        vantage = answered_by(account.answer)
        await account.logins.authenticate(vantage, 1.0)
        await vantage.close()

    asyncio.run(main())


def test_a_login_waits_for_its_turn() -> None:
    account = Account(BUSY, BUSY, TOKEN)

    enter(account)

    assert account.headers(Role.USER) == {"Authorization": "Bearer a-token"}


def test_a_login_that_is_not_answered_is_tried_again() -> None:
    account = Account(UNANSWERED, UNANSWERED, TOKEN)

    enter(account)

    assert account.headers(Role.USER) == {"Authorization": "Bearer a-token"}


def test_a_login_that_is_never_answered_blames_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "_TURN_WITHIN_S", -1.0)

    with pytest.raises(TargetUnreachable, match="does not answer the login of 'somebody'"):
        enter(Account(UNANSWERED))


def test_a_refused_login_is_not_tried_again() -> None:
    account = Account(WRONG, TOKEN)

    with pytest.raises(UsageError, match="does not accept the login"):
        enter(account)
    assert account.answers == [TOKEN]


class Superuser(LangflowAccount):
    """The monitor and the making of users are answered as chosen."""

    def __init__(self, *, monitor: Exchange, making: Exchange) -> None:
        super().__init__(Credentials(), witness=None)
        self.tokens.give(Role.USER, "a-token")
        self.answers = {"GET": monitor, "POST": making}

    async def call(self, _vantage: Vantage, method: str, *_asked: Any, **_more: Any) -> Exchange:
        """As chosen."""
        return self.answers[method]


def met(*, monitor: int | None, making: int | None) -> tuple[bool, set[str]]:
    """Whether the account counts as a superuser's, and what does not work."""
    account = Superuser(monitor=Exchange(status=monitor), making=Exchange(status=making))
    somewhere = cast(Vantage, SimpleNamespace(url="http://127.0.0.1:1"))

    async def enter_as_superuser() -> None:
        await account._find_admin(somewhere, 1.0)
        if account.has(Role.ADMIN):
            await account._make_other_user(somewhere, 1.0)

    asyncio.run(enter_as_superuser())
    return account.has(Role.ADMIN), set(account.troubles)


@pytest.mark.parametrize("status", [401, 403])
def test_a_user_who_may_not_see_the_monitor_is_no_superuser(status: int) -> None:
    assert met(monitor=status, making=500) == (False, set())


@pytest.mark.parametrize("status", [404, 500, 503, None])
def test_a_monitor_that_errs_is_a_superusers_trouble(status: int | None) -> None:
    assert met(monitor=status, making=500) == (True, {"monitor", "other_user"})


def test_one_who_may_not_make_users_either_is_no_superuser() -> None:
    assert met(monitor=500, making=403) == (False, set())


def test_a_second_user_that_cannot_be_made_is_a_trouble() -> None:
    assert met(monitor=200, making=500) == (True, {"other_user"})
