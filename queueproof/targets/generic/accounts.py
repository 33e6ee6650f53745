"""In whose name requests are made: headers from the environment, or from a login's answer."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from queueproof.config.mapping import JobMapping
from queueproof.config.mapping_tables import names_in
from queueproof.config.model import Credentials
from queueproof.errors import NotAssessed, TargetUnreachable, UsageError
from queueproof.redaction import known_secrets
from queueproof.targets.generic.mistakes import judge_login
from queueproof.targets.generic.requests import request_of
from queueproof.targets.generic.wire import MISSING, filled, find, given
from queueproof.targets.http import Exchange, exchange
from queueproof.targets.protocol import Role
from queueproof.targets.reaching import leads_elsewhere
from queueproof.targets.vantage import Vantage

_FORGED = "queueproof.forged"
_SEE_OTHER = (302, 303)


class Accounts:
    """The users that a run has credentials of; with a login, once they have logged in."""

    def __init__(self, mapping: JobMapping, credentials: Credentials) -> None:
        self._mapping = mapping
        self._secrets = {
            Role.USER: _secrets(credentials.token, credentials.username, credentials.password),
            Role.OTHER: _secrets(
                credentials.other_token, credentials.other_username, credentials.other_password
            ),
        }
        self._headers = self._headers_by_role()

    def has(self, role: Role) -> bool:
        """Whether requests can be made in the name of `role`."""
        return role in self._headers

    def headers_of(self, role: Role) -> dict[str, str]:
        """The headers that speak for a role; raises NotAssessed where there are no credentials."""
        if role not in self._headers:
            raise NotAssessed(f"requests with {role.value} need [mapping.credentials]")
        return self._headers[role]

    async def log_in(self, vantage: Vantage, *, within_s: float) -> dict[Role, str]:
        """What each user's login was answered, where the mapping has one.

        Raises UsageError for one that is refused or gives nothing, TargetUnreachable for one that
        is not answered. Each has a connection of its own: a cookie of it on another would speak for
        its user there ever after.
        """
        if "login" not in self._mapping.calls:
            return {}
        return {
            role: await self._log_in(vantage, role, within_s=within_s)
            for role in self._secrets
            if role in self._headers
        }

    async def _log_in(self, vantage: Vantage, role: Role, *, within_s: float) -> str:
        call, secrets = self._mapping.calls["login"], self._secrets[role]
        path, request = request_of(call, secrets, headers={})
        own = Vantage(vantage.url)
        try:
            answer = await exchange(own, call.method, path, within_s=within_s, **request)
        finally:
            await own.close()
        if answer.status is None or answer.status >= 500:
            raise TargetUnreachable(f"{call} is the mapping's login: {answer.detail}")
        name, told = self._given_by(answer)
        if not told and (advice := leads_elsewhere(answer, vantage.url, path)):
            raise TargetUnreachable(f"{vantage.url} answers, but not as the mapping says: {advice}")
        judge_login(self._mapping, call, answer, told)
        known_secrets.learn(told)
        self._headers[role] = _filled(self._mapping.credentials, {**secrets, name: told})
        return told

    def _given_by(self, answer: Exchange) -> tuple[str, str]:
        """What a login gives, and what was found of it in the answer; empty for nothing."""
        cookie = self._mapping.login_cookie
        if cookie:
            came = answer.ok or answer.status in _SEE_OTHER
            pattern = rf"(?:^|[,;]\s*){re.escape(cookie)}=([^;,]+)"
            found = re.search(pattern, answer.headers.get("set-cookie", "")) if came else None
            return "cookie", found[1] if found else ""
        value = find(answer.json, self._mapping.paths["login.token"]) if answer.ok else MISSING
        return "token", "" if value is MISSING or value is None else str(value)

    def _headers_by_role(self) -> dict[Role, dict[str, str]]:
        """The headers of everybody whom the environment has credentials of; where a login gives
        them, none yet.

        Raises UsageError when the user's are incomplete or fit into no header. Without credentials
        in the mapping nobody but a user is told apart.
        """
        template = self._mapping.credentials
        if not template:
            return {Role.USER: {}}
        headers: dict[Role, dict[str, str]] = {Role.NOBODY: {}}
        names = {*self._secrets[Role.USER], "cookie"}
        headers[Role.FORGER] = _filled(template, dict.fromkeys(names, _FORGED))
        wanted = self._wanted()
        for role, secrets in self._secrets.items():
            if all(secrets.get(name) for name in wanted):
                headers[role] = {} if "login" in self._mapping.calls else _filled(template, secrets)
        if Role.USER not in headers:
            raise UsageError(
                "the mapping's credentials are not complete: export QUEUEPROOF_TOKEN, or "
                "QUEUEPROOF_USERNAME and QUEUEPROOF_PASSWORD, whichever [mapping.credentials] or "
                "[mapping.login] names"
            )
        return headers

    def _wanted(self) -> set[str]:
        """What the environment must hold of a user."""
        login = self._mapping.calls.get("login")
        if login is None:
            return set(names_in(self._mapping.credentials))
        return (set(names_in(self._mapping.credentials)) - {"token", "cookie"}) | login.names


def _secrets(token: str, username: str, password: str) -> dict[str, str]:
    pair = f"{username}:{password}"
    basic = base64.b64encode(pair.encode()).decode() if username and password else ""
    known_secrets.learn(basic)
    return {"token": token, "username": username, "password": password, "basic": basic}


def _filled(template: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """The headers of one user; raises UsageError for a value that no HTTP header can carry."""
    headers = given(filled(template, values))
    for name, value in headers.items():
        if not (value.isascii() and (value + "x").isprintable() and value == value.strip()):
            raise UsageError(
                f"[mapping.credentials]: what the environment holds for the header {name} cannot "
                "be carried by one: it wants plain ASCII, without line breaks or blanks around it "
                "(a password with other characters goes through {basic})"
            )
    return headers
