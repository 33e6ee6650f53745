"""Somebody at the front door of a langflow deployment: logs in, asks who they are.

For cases about logins and restarts, which need tokens of their own; every other case speaks
through the adapter, which keeps its tokens to itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from queueproof.errors import Inconclusive
from queueproof.targets.http import Exchange, exchange
from queueproof.targets.langflow import wire
from queueproof.targets.langflow.tokens import spoken
from queueproof.targets.transports import transport_to
from queueproof.targets.vantage import Vantage

_WITHIN_S = 20.0


class Visitor:
    """One connection; tokens are passed in and out and never recorded."""

    def __init__(self, vantage: Vantage) -> None:
        self._vantage = vantage

    async def ping(self) -> Exchange:
        """One cheap request."""
        return await exchange(self._vantage, "GET", "/health", within_s=_WITHIN_S)

    async def log_in(self, username: str, password: str) -> str:
        """A token; raises Inconclusive where there is none to be had."""
        form = {"username": username, "password": password}
        answer = await exchange(self._vantage, "POST", wire.LOGIN, within_s=_WITHIN_S, data=form)
        return token_of(answer) or _give_up(f"the login of {username!r}", answer)

    async def log_in_automatically(self) -> Exchange:
        """What the target gives to somebody without a password."""
        return await exchange(self._vantage, "GET", wire.AUTO_LOGIN, within_s=_WITHIN_S)

    async def register(self, username: str, password: str, *, admin_token: str) -> None:
        """Make an active user; raises Inconclusive where that is not possible."""
        person = {"username": username, "password": password}
        made = await self._call("POST", wire.USERS, admin_token, json=person)
        if made.status != 201:
            _give_up("making a user", made)
        path = f"{wire.USERS}{made.json['id']}"
        await self._call("PATCH", path, admin_token, json={"is_active": True})

    async def whoami(self, token: str) -> Exchange:
        """Whom the target takes the token's bearer for."""
        return await self._call("GET", wire.WHO_AM_I, token)

    async def _call(self, method: str, path: str, token: str, **request: Any) -> Exchange:
        beside = transport_to(self._vantage.url).takes_authorization
        headers = spoken(token, beside=beside) if token else {}
        return await exchange(
            self._vantage, method, path, within_s=_WITHIN_S, headers=headers, **request
        )


def token_of(answer: Exchange) -> str:
    """The token in the answer to a login; empty when there is none."""
    body = answer.json
    return str(body.get("access_token") or "") if answer.ok and isinstance(body, dict) else ""


@asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Visitor]:
    """A visitor on a connection of its own."""
    vantage = Vantage(url)
    try:
        yield Visitor(vantage)
    finally:
        await vantage.close()


def _give_up(what: str, answer: Exchange) -> str:
    raise Inconclusive(f"{what} did not work: {answer.status or ''} {answer.detail}".strip())
