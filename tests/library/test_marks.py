"""What a run makes is removed, by it or by a later one; nothing else ever is."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from queueproof.config.model import Credentials
from queueproof.targets.langflow.account import LangflowAccount
from queueproof.targets.marks import is_nobodys, marked
from queueproof.targets.opening import tidy
from queueproof.targets.protocol import Role
from queueproof.targets.vantage import Vantage


def test_what_a_living_run_made_is_its_own_for_a_day() -> None:
    """Whatever process it is of; a day later it is nobody's."""
    name = marked("queueproof probe ")

    assert not is_nobodys(name)
    assert not is_nobodys(name, now=datetime.now(UTC) + timedelta(hours=23))
    assert is_nobodys(name, now=datetime.now(UTC) + timedelta(hours=25))


def test_what_a_process_that_is_gone_made_here_is_nobodys_at_once() -> None:
    """Its number may be another's by now; elsewhere a number says nothing."""
    name = marked("queueproof-")
    began = name.split("-")[4]
    gone = name.replace(f"-{os.getpid()}-{began}-", f"-{os.getpid()}-{int(began, 16) - 1:x}-")
    elsewhere = gone.replace(gone.split("-")[2], "0123456789")

    assert is_nobodys(gone)
    assert not is_nobodys(elsewhere)


@pytest.mark.parametrize(
    "name",
    [
        "queueproof probe 0123456789",
        "queueproof probe 20200101T000000Z",
        "my queueproof probe 20200101T000000Z-0123456789-1-a-0123456789",
        "queueproof probe 20200101T000000Z-0123456789-1-a-0123456789 (1)",
        "queueproof probe 20209999T000000Z-0123456789-1-a-0123456789",
        "queueproof",
        "",
    ],
)
def test_what_does_not_bear_the_whole_mark_is_somebodys_own(name: str) -> None:
    """However old it looks."""
    assert not is_nobodys(name)


class Target:
    """Answers lists and DELETEs as a Langflow would; `refused` ones with 405."""

    def __init__(self) -> None:
        self.flows = {"f1": "queueproof probe 20200101T000000Z-0123456789-1-a-0123456789"}
        self.flows["f2"] = "somebody's own"
        self.users = {"u1": "queueproof-20200101T000000Z-0123456789-1-a-0123456789", "u2": "admin"}
        self.refuses = True

    def __call__(self, request: httpx.Request) -> httpx.Response:
        kind, _, which = request.url.path.removeprefix("/api/v1/").partition("/")
        things, by = (self.flows, "name") if kind == "flows" else (self.users, "username")
        if request.method == "DELETE":
            if self.refuses:
                return httpx.Response(405)
            return httpx.Response(200 if things.pop(which, None) else 404)
        rows: Any = [{"id": key, by: name} for key, name in things.items()]
        return httpx.Response(200, json=rows if kind == "flows" else {"users": rows})


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    answers = Target()
    plain = httpx.AsyncClient
    monkeypatch.setattr(
        "queueproof.targets.vantage.httpx.AsyncClient",
        lambda **given: plain(base_url=given["base_url"], transport=httpx.MockTransport(answers)),
    )
    return answers


def account_with_a_flow() -> LangflowAccount:
    account = LangflowAccount(Credentials(), witness=None)
    for role in (Role.USER, Role.ADMIN):
        account.tokens.give(role, "t")
    account._made["/api/v1/flows/f1"] = "flow 'f1'"
    return account


def test_what_could_not_be_removed_is_told_and_tried_at_every_url(target: Target) -> None:
    """With the request that removes it."""

    async def play() -> None:
        account = account_with_a_flow()
        await tidy(account, ("http://one", "http://two"))  # type: ignore[arg-type]
        assert account.left_behind == ("flow 'f1' (DELETE /api/v1/flows/f1)",)
        target.refuses = False
        await tidy(account, ("http://one",))  # type: ignore[arg-type]
        assert account.left_behind == ()

    asyncio.run(play())

    assert "f1" not in target.flows


def test_the_next_run_removes_what_is_nobodys_and_nothing_else(target: Target) -> None:
    """Flows of the user, users where it may; names of others stay."""

    async def play() -> tuple[tuple[str, ...], tuple[str, ...]]:
        account, vantage = account_with_a_flow(), Vantage("http://one")
        refused = await account.remove_leftovers(vantage)
        target.refuses = False
        removed = await account.remove_leftovers(vantage)
        await vantage.close()
        return refused, removed

    refused, removed = asyncio.run(play())

    assert refused == ()
    assert len(removed) == 2
    assert list(target.flows) == ["f2"]
    assert list(target.users) == ["u2"]
