"""The tokens and API keys that a run speaks with; tokens are won anew when they have expired.

A token goes as `Authorization: Bearer`, and where a front wants that header for itself as the
cookie of Langflow's own web client. An API key goes as `x-api-key`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from queueproof.errors import Inconclusive
from queueproof.redaction import known_secrets
from queueproof.targets.http import Exchange, exchange
from queueproof.targets.protocol import Reply, Role
from queueproof.targets.token_use import TokenUse
from queueproof.targets.vantage import Vantage

_UNAUTHORIZED = 401
_FORGED = "queueproof.forged.token"
_COOKIE = "access_token_lf"
_OURS = (Role.USER, Role.ADMIN, Role.OTHER)

#: Logs in as somebody did before, by a connection; what the target answers.
LogIn = Callable[[Vantage], Awaitable[Exchange]]


class Tokens:
    """One token a role; several roles may speak with the same."""

    def __init__(self) -> None:
        self._beside = False
        self._keys: set[str] = set()
        self._of: dict[Role, str] = {Role.FORGER: _FORGED}
        self._logins: dict[str, LogIn] = {}
        self._uses: dict[str, TokenUse] = {}
        self._renewing = asyncio.Lock()

    def has(self, role: Role) -> bool:
        """Whether requests can be made in the name of `role`."""
        return role is Role.NOBODY or role in self._of

    def headers(self, role: Role) -> dict[str, str]:
        """The request headers that speak for `role`."""
        return {} if role is Role.NOBODY else self.speaking(self._of[role])

    def speaking(self, token: str) -> dict[str, str]:
        """The request headers that speak with a token, or with an API key that was given."""
        if token in self._keys:
            return with_key(token)
        return spoken(token, beside=self._beside)

    def token_of(self, role: Role) -> str:
        """The token that speaks for `role`; empty where that is an API key, or nothing."""
        token = self._of.get(role, "")
        return "" if token in self._keys else token

    def leave_authorization(self) -> None:
        """From now on a front in between has the Authorization header."""
        self._beside = True

    def give_key(self, role: Role, key: str) -> None:
        """Speak for `role` with this API key from now on."""
        self._keys.add(key)
        self._of[role] = key

    def give(self, role: Role, token: str, log_in: LogIn | None = None) -> None:
        """Speak for `role` with this token from now on; `log_in` wins another."""
        self._of[role] = token
        if log_in is not None:
            self._logins[token] = log_in

    def lend(self, of: Role, to: Role) -> None:
        """Speak for one role with the token of another."""
        self._of[to] = self._of[of]

    def take_away(self, role: Role) -> None:
        """Speak for `role` no more."""
        del self._of[role]

    async def call(
        self,
        vantage: Vantage,
        method: str,
        path: str,
        role: Role,
        *,
        within_s: float,
        **request: Any,
    ) -> Exchange:
        """One request in the name of `role`; with a new token where the old one has expired.

        Raises Inconclusive where it has, and no login is known that would win another.
        """

        async def ask() -> Exchange:
            return await exchange(
                vantage, method, path, within_s=within_s, headers=self.headers(role), **request
            )

        spoke = self.headers(role)
        answer = await ask()
        if await self.renewed(vantage, role, spoke, answer):
            return await ask()
        return answer

    async def renewed(
        self, vantage: Vantage, role: Role, spoke: dict[str, str], answer: Exchange | Reply
    ) -> bool:
        """Whether `role` has a new token, since the answer says that the one it spoke with expired.

        Raises Inconclusive where it has, and no login is known that would win another.
        """
        if role not in _OURS:
            return False
        (said,) = spoke.values()
        token = said.removeprefix("Bearer ").removeprefix(f"{_COOKIE}=")
        use = self._uses.setdefault(token, TokenUse(token))
        date = answer.headers.get("date", "")
        refused = answer.status == _UNAUTHORIZED
        if not (refused and use.has_expired(vantage, said=answer.detail, date=date)):
            use.note(vantage, answer.status)
            return False
        async with self._renewing:
            if self._of[role] == token:
                await self._renew(vantage, role, token, answer.detail)
        return True

    async def _renew(self, vantage: Vantage, role: Role, token: str, said: str) -> None:
        log_in = self._logins.get(token)
        if log_in is None:
            raise Inconclusive(
                f"the token of the {role.value} has expired (401 {said}): give a name and a "
                "password, so that queueproof can log in again, or a token that outlives the run"
            )
        answer = await log_in(vantage)
        won = token_in(answer)
        if not won:
            raise Inconclusive(
                f"the token of the {role.value} has expired, and logging in again was answered "
                f"{answer.status or ''} {answer.detail}".rstrip()
            )
        self._logins[won] = log_in
        self._of |= {other: won for other, old in self._of.items() if old == token}


def spoken(token: str, *, beside: bool) -> dict[str, str]:
    """The request headers that speak with a token; `beside` a front's own Authorization."""
    return {"Cookie": f"{_COOKIE}={token}"} if beside else {"Authorization": f"Bearer {token}"}


def with_key(key: str) -> dict[str, str]:
    """The request headers that speak with an API key."""
    return {"x-api-key": key}


def token_in(answer: Exchange) -> str | None:
    """The token that a login answered with, if it did; no writer shows it, nor its refresh."""
    told = (answer.fields.get(f"{kind}_token") for kind in ("access", "refresh"))
    known_secrets.learn(*(str(one) for one in told if one))
    token = answer.fields.get("access_token") if answer.ok else None
    return token if isinstance(token, str) and token else None
