"""Getting in where only so many logins a minute are allowed."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from queueproof.config.model import Credentials
from queueproof.errors import TargetUnreachable, UsageError
from queueproof.targets.http import Exchange
from queueproof.targets.langflow import account as module
from queueproof.targets.langflow.account import LangflowAccount
from queueproof.targets.protocol import Role
from queueproof.targets.vantage import Vantage

BUSY = Exchange(status=429, text='{"detail": "Too many requests"}', headers={"retry-after": "0"})
TOKEN = Exchange(status=200, text=json.dumps({"access_token": "a-token"}))
UNANSWERED = Exchange(status=None, trouble="no answer within 1.0 s")
WRONG = Exchange(status=401, text='{"detail": "Incorrect username or password"}')


class Account(LangflowAccount):
    """Its logins are answered from a list."""

    def __init__(self, *answers: Exchange) -> None:
        given = Credentials(username="somebody", password="something")
        super().__init__(given, witness=None)
        self.answers = list(answers)

    async def login(self, *_asked: Any) -> Exchange:
        """The next answer."""
        return self.answers.pop(0)


def enter(account: Account) -> None:
    somewhere = SimpleNamespace(url="http://127.0.0.1:1")
    asyncio.run(account._authenticate(cast(Vantage, somewhere), 1.0))


def test_a_login_waits_for_its_turn() -> None:
    account = Account(BUSY, BUSY, TOKEN)

    enter(account)

    assert account.headers(Role.USER) == {"Authorization": "Bearer a-token"}


def test_a_login_that_is_not_answered_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BREATH_S", 0.0)
    account = Account(UNANSWERED, UNANSWERED, TOKEN)

    enter(account)

    assert account.headers(Role.USER) == {"Authorization": "Bearer a-token"}


def test_a_login_that_is_never_answered_blames_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TURN_WITHIN_S", -1.0)

    with pytest.raises(TargetUnreachable, match="does not answer the login of 'somebody'"):
        enter(Account(UNANSWERED))


def test_a_refused_login_is_not_tried_again() -> None:
    account = Account(WRONG, TOKEN)

    with pytest.raises(UsageError, match="does not accept the login"):
        enter(account)
    assert account.answers == [TOKEN]
