"""Logins at a langflow deployment: for each role a token or an API key, by credentials given."""

from __future__ import annotations

from typing import Any

from queueproof.config.model import Credentials
from queueproof.errors import TargetUnreachable, UsageError
from queueproof.targets.answers import Kind
from queueproof.targets.http import Exchange, exchange
from queueproof.targets.langflow import wire
from queueproof.targets.langflow.tokens import Tokens, token_in
from queueproof.targets.protocol import Role
from queueproof.targets.transports import transport_to
from queueproof.targets.vantage import Vantage
from queueproof.waiting import eventually

NOT_LET_IN = (401, 403)

_WITHIN_S = 20.0
_TURN_WITHIN_S = 75.0


class Logins:
    """Fills a run's tokens by the credentials that it was given."""

    def __init__(self, credentials: Credentials, tokens: Tokens) -> None:
        self._credentials = credentials
        self._tokens = tokens

    async def authenticate(self, vantage: Vantage, within_s: float) -> None:
        """Give the tokens what was given or is won for the user, and for the other one if told.

        Raises TargetUnreachable where no login came about, UsageError where one is refused.
        """
        given = self._credentials
        if transport_to(vantage.url).takes_authorization:
            self._tokens.leave_authorization()
        if given.other_api_key:
            self._tokens.give_key(Role.OTHER, given.other_api_key)
        elif given.other_username and given.other_password:
            await self.log_in_as(
                vantage, Role.OTHER, given.other_username, given.other_password, within_s
            )
        if given.token:
            self._tokens.give(Role.USER, given.token)
            await self._expect_let_in(
                vantage, "QUEUEPROOF_TOKEN", "log in again and export a fresh token"
            )
        elif given.api_key:
            self._tokens.give_key(Role.USER, given.api_key)
            await self._expect_let_in(
                vantage, "QUEUEPROOF_API_KEY", "make one in Langflow's settings and export it"
            )
        elif given.username and given.password:
            await self.log_in_as(vantage, Role.USER, given.username, given.password, within_s)
        else:
            await self._log_in_automatically(vantage, within_s)

    async def log_in_as(
        self, vantage: Vantage, role: Role, username: str, password: str, within_s: float
    ) -> None:
        """Speak for `role` with a token that is won by a login; raises as `authenticate` does."""
        answer = await self._login_in_turn(vantage, username, password, within_s)
        token = token_in(answer)
        if answer.status is None:
            raise TargetUnreachable(
                f"{vantage.url} does not answer the login of {username!r}: {answer.detail}"
            )
        if answer.kind in (Kind.COME_AGAIN, Kind.SERVER_ERROR):
            raise TargetUnreachable(
                f"the login of {username!r} did not come about: {answer.as_reply().come_again}"
            )
        if not token:
            raise UsageError(
                f"the target does not accept the login of {username!r} "
                f"({answer.status} {answer.detail}): check QUEUEPROOF_USERNAME and "
                "QUEUEPROOF_PASSWORD"
            )
        self._welcome(role, token, username, password)

    async def log_in_again(
        self, vantage: Vantage, *, correctly: bool, within_s: float
    ) -> Exchange | None:
        """Log in as the user once more; a token won correctly replaces the user's."""
        given = self._credentials
        by_itself = given.token or given.api_key
        if by_itself or not (given.username and given.password):
            return None
        password = given.password if correctly else f"not-{given.password}"
        answer = await self.login(vantage, given.username, password, within_s)
        token = token_in(answer)
        if correctly and token:
            self._welcome(Role.USER, token, given.username, given.password)
        return answer

    async def login(
        self, vantage: Vantage, username: str, password: str, within_s: float, **again: Any
    ) -> Exchange:
        """One login as it is answered; nothing speaks with its token."""
        form = {"username": username, "password": password}
        path = wire.LOGIN
        return await exchange(vantage, "POST", path, within_s=within_s, data=form, **again)

    async def expect_token_accepted(self, vantage: Vantage) -> None:
        """Raises UsageError where the user who has just logged in is taken for a stranger."""
        who = await self._who_am_i(vantage)
        if who.status in NOT_LET_IN:
            raise UsageError(
                f"the login was accepted, but not the token that it gave ({who.status} "
                f"{who.detail}): does something in front keep the Authorization header to itself, "
                "as Squid does without login=PASS? If so, export QUEUEPROOF_API_KEY instead"
            )

    async def _expect_let_in(self, vantage: Vantage, what: str, advice: str) -> None:
        """Raises UsageError where the target refuses what it was given, with what helps."""
        who = await self._who_am_i(vantage)
        if who.status not in NOT_LET_IN:
            return
        if transport_to(vantage.url).takes_authorization and not self._credentials.api_key:
            advice += (
                "; a Langflow before 1.8 reads no token beside the Authorization of your "
                "[target.headers]: then export QUEUEPROOF_API_KEY"
            )
        raise UsageError(f"the target refuses {what} ({who.status} {who.detail}): {advice}")

    async def _login_in_turn(
        self, vantage: Vantage, username: str, password: str, within_s: float
    ) -> Exchange:
        """A login that waits its turn where only so many a minute are allowed.

        One that is not answered is repeated: a target that has just started may still be at work
        on itself.
        """

        async def ask() -> Exchange:
            return await self.login(
                vantage, username, password, within_s, again_within_s=_TURN_WITHIN_S
            )

        answer, _ = await eventually(ask, lambda one: bool(one.status), within_s=_TURN_WITHIN_S)
        return answer

    async def _log_in_automatically(self, vantage: Vantage, within_s: float) -> None:
        async def log_in(vantage: Vantage) -> Exchange:
            return await exchange(vantage, "GET", wire.AUTO_LOGIN, within_s=within_s)

        answer = await log_in(vantage)
        token = token_in(answer)
        if answer.kind is Kind.COME_AGAIN:
            raise TargetUnreachable(f"no login came about: {answer.as_reply().come_again}")
        if not token:
            raise UsageError(
                "the target wants a login: export QUEUEPROOF_TOKEN, QUEUEPROOF_API_KEY, or "
                "QUEUEPROOF_USERNAME and QUEUEPROOF_PASSWORD"
            )
        self._tokens.give(Role.USER, token, log_in)

    def _welcome(self, role: Role, token: str, username: str, password: str) -> None:
        async def log_in(vantage: Vantage) -> Exchange:
            return await self.login(vantage, username, password, _WITHIN_S)

        self._tokens.give(role, token, log_in)

    async def _who_am_i(self, vantage: Vantage) -> Exchange:
        return await self._tokens.call(vantage, "GET", wire.WHO_AM_I, Role.USER, within_s=_WITHIN_S)
