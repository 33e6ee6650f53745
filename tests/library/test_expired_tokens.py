"""Tokens that have expired are won anew; where that does not help, nobody is accused of it."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from email.utils import formatdate

import httpx
import pytest

from queueproof.config.model import Credentials
from queueproof.errors import Inconclusive
from queueproof.history import History
from queueproof.targets.langflow import LangflowAdapter
from queueproof.targets.protocol import Role
from queueproof.targets.token_use import TokenUse
from queueproof.targets.vantage import Vantage

URL = "http://target.test"
GIVEN = Credentials(username="somebody", password="a-password-of-theirs")


class Target:
    """Lets in with the token that it gave last, or with none."""

    def __init__(self, *, lets_in: bool) -> None:
        self.lets_in = lets_in
        self.given = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/login"):
            self.given += 1
            return httpx.Response(200, json={"access_token": f"token-{self.given}"})
        known = request.headers.get("authorization") == f"Bearer token-{self.given}"
        if known and self.lets_in:
            return httpx.Response(200, text='{"event": "end", "data": {}}\n\n')
        return httpx.Response(401, json={"detail": "Token expired"})


async def _ready(
    monkeypatch: pytest.MonkeyPatch, target: Target
) -> tuple[LangflowAdapter, Vantage]:
    plain = httpx.AsyncClient
    monkeypatch.setattr(
        "queueproof.targets.vantage.httpx.AsyncClient",
        lambda **given: plain(base_url=given["base_url"], transport=httpx.MockTransport(target)),
    )
    adapter = LangflowAdapter(GIVEN, witness=None, now_s=History().now_s)
    adapter._account.logins._welcome(Role.USER, "an-old-token", "somebody", "a-password-of-theirs")
    return adapter, Vantage(URL)


def test_a_stream_is_asked_for_again_with_a_new_token(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        target = Target(lets_in=True)
        adapter, vantage = await _ready(monkeypatch, target)
        async with adapter.stream(vantage, "a-job", role=Role.USER, within_s=1.0) as opened:
            assert opened.reply.status == 200
        assert target.given == 1
        await vantage.close()

    asyncio.run(play())


def test_a_stream_that_two_tokens_do_not_open_is_left_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a starved machine the second one has expired as well when it is looked at."""

    async def play() -> None:
        adapter, vantage = await _ready(monkeypatch, Target(lets_in=False))
        with pytest.raises(Inconclusive, match="expired"):
            async with adapter.stream(vantage, "a-job", role=Role.USER, within_s=1.0):
                pass
        await vantage.close()

    asyncio.run(play())


def test_any_request_in_a_users_name_is_made_again_with_a_new_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And one with a token of the case's own is not."""

    async def play() -> None:
        adapter, vantage = await _ready(monkeypatch, Target(lets_in=True))
        own = await adapter.ask(vantage, "GET", "/x", Role.USER, within_s=1.0, token="mine")
        renewed = await adapter.ask(vantage, "GET", "/x", Role.USER, within_s=1.0)
        assert (own.status, renewed.status) == (401, 200)
        await vantage.close()

    asyncio.run(play())


@pytest.mark.parametrize("skew_s", [-7200, 0, 7200])
def test_a_token_ends_by_the_clock_of_who_gave_it(skew_s: int) -> None:
    """A worker that refuses a valid token is not excused by a clock that goes otherwise here."""
    theirs_s = time.time() + skew_s
    claims = base64.urlsafe_b64encode(json.dumps({"exp": theirs_s + 3600}).encode()).decode()
    use = TokenUse(f"head.{claims.rstrip('=')}.signature")
    now, later = (formatdate(theirs_s + after_s, usegmt=True) for after_s in (0, 3601))

    assert not use.has_expired(Vantage(URL), said="Unauthorized", date=now)
    assert use.has_expired(Vantage(URL), said="Unauthorized", date=later)
    assert use.has_expired(Vantage(URL), said="Unauthorized") is (skew_s == -7200)
