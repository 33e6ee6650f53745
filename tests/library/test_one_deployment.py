"""Whether several URLs lead to one deployment: only what differs says that they do not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, cast

import httpx
import pytest

from queueproof.config.model import Credentials
from queueproof.errors import TargetUnreachable
from queueproof.targets import opening
from queueproof.targets.flowise.account import FlowiseAccount
from queueproof.targets.http import exchange
from queueproof.targets.langflow.account import LangflowAccount
from queueproof.targets.opening import expect_one_deployment
from queueproof.targets.protocol import Reply, Role
from queueproof.targets.reaching import NotConnected
from queueproof.targets.vantage import Vantage

from .stub_target import answered_by

URLS = ("http://a", "http://b")
PAGE = "<!doctype html><title>Jobs</title>"
VERSION = httpx.Response(200, json={"version": "1.10"})
BUSY = httpx.Response(429, json={"detail": "slow down"}, headers={"retry-after": "100"})


class Plain:
    """An adapter that knows its deployment by nothing, as that of any queue."""

    async def ping(self, vantage: Vantage) -> Reply:
        return (await exchange(vantage, "GET", "/", within_s=1.0)).as_reply()


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[Any]], None]:
    """Look at URLs that answer so, one each."""

    def look(answers: Sequence[Any]) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            told = answers[URLS.index(f"http://{request.url.host}")]
            if isinstance(told, Exception):
                raise told
            return httpx.Response(told) if isinstance(told, int) else told

        monkeypatch.setattr(opening, "Vantage", lambda url: answered_by(answer, url=url))
        asyncio.run(expect_one_deployment(cast(Any, Plain()), URLS, answer_s=0.3))

    return look


@pytest.mark.parametrize("status", [200, 307, 401, 404, 405])
def test_what_every_url_answers_is_what_this_target_answers(
    ask: Callable[[Sequence[Any]], None], status: int
) -> None:
    ask([status, status])


def test_a_page_at_every_url_is_what_this_target_answers(
    ask: Callable[[Sequence[Any]], None],
) -> None:
    ask([httpx.Response(200, text=PAGE), httpx.Response(200, text=PAGE)])


@pytest.mark.parametrize("told", [httpx.ConnectError("refused"), httpx.ReadTimeout("silence"), 500])
def test_silence_and_errors_tell_nothing(
    ask: Callable[[Sequence[Any]], None], told: Exception | int
) -> None:
    ask([told, 404])
    ask([404, told])


@pytest.mark.parametrize("other", [404, 307])
def test_a_url_that_answers_otherwise_is_another_deployment(
    ask: Callable[[Sequence[Any]], None], other: int
) -> None:
    with pytest.raises(TargetUnreachable, match=f"http://b answers {other}.* http://a 200.*lead"):
        ask([200, other])


@pytest.mark.parametrize(
    ("raised", "accused"),
    [(NotConnected("b refuses connections"), False), (TargetUnreachable("b is no queue"), True)],
)
def test_a_connection_that_is_refused_after_the_ping_tells_nothing(
    monkeypatch: pytest.MonkeyPatch, raised: TargetUnreachable, accused: bool
) -> None:
    class Recognising(Plain):
        async def recognise_replica(self, *_: Any, **__: Any) -> None:
            raise raised

    def well(url: str) -> Vantage:
        return answered_by(lambda _: httpx.Response(200), url=url)

    monkeypatch.setattr(opening, "Vantage", well)
    said = (
        pytest.raises(TargetUnreachable, match="b is no queue: does") if accused else nullcontext()
    )
    with said:
        asyncio.run(expect_one_deployment(cast(Any, Recognising()), URLS, answer_s=0.3))


def let_in() -> LangflowAccount:
    """An account that another URL has given a token."""
    account = LangflowAccount(Credentials(), witness=None)
    account.tokens.give(Role.USER, "a-token")
    return account


def replica(account: LangflowAccount | FlowiseAccount, *answers: Any) -> None:
    """Recognised by answers in their order; the last one comes again and again."""
    left = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        told = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(told, Exception):
            raise told
        return told if isinstance(told, httpx.Response) else httpx.Response(told, json={})

    async def main() -> None:
        vantage = answered_by(answer)
        try:
            await account.recognise_replica(vantage, within_s=0.3)
        finally:
            await vantage.close()

    asyncio.run(main())


@pytest.mark.parametrize("told", [httpx.ReadTimeout("silence"), BUSY, 500])
@pytest.mark.parametrize("before", [[], [VERSION]])
def test_a_replica_that_tells_nothing_is_not_accused(before: list[Any], told: Any) -> None:
    """Neither by silence nor by an error, whichever of the requests meets it."""
    replica(let_in(), *before, told)
    replica(FlowiseAccount(Credentials(), witness=None), *before, told)


def test_a_replica_that_lags_is_asked_for_the_flow_again() -> None:
    account = let_in()

    replica(account, VERSION, 200, 404, 404, 200)
    with pytest.raises(TargetUnreachable, match="does not know the flow"):
        replica(account, VERSION, 200, 404)


def test_a_replica_that_is_something_else_is_told() -> None:
    for account in (
        let_in(),
        FlowiseAccount(Credentials(), witness=None),
    ):
        with pytest.raises(TargetUnreachable, match="answers, but not as"):
            replica(account, httpx.Response(200, text=PAGE))
