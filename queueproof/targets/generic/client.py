"""Making a mapping's requests in somebody's name, and finding things in their answers."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from queueproof.config.mapping import Call, JobMapping
from queueproof.config.model import Credentials
from queueproof.config.patterns import LONGEST_TEXT
from queueproof.errors import Inconclusive, NotAssessed, UsageError
from queueproof.redaction import known_secrets
from queueproof.targets.generic.paths import MISSING, filled, find, given
from queueproof.targets.http import Exchange, exchange
from queueproof.targets.protocol import Role
from queueproof.targets.token_use import TokenUse
from queueproof.targets.vantage import Vantage

_FORGED = "queueproof.forged"
_UNAUTHORIZED = 401


class GenericClient:
    """Speaks for the users that a run has credentials of."""

    def __init__(self, mapping: JobMapping, credentials: Credentials) -> None:
        self.mapping = mapping
        self._headers = _headers_by_role(mapping.credentials, credentials)
        tokens = {Role.USER: credentials.token, Role.OTHER: credentials.other_token}
        self._uses = {role: TokenUse(token) for role, token in tokens.items()}
        self._id_pattern = re.compile(mapping.id_pattern) if mapping.id_pattern else None
        self._also: dict[str, dict[str, Any]] = {}
        self._last_also: dict[str, Any] = dict.fromkeys(mapping.also, "")

    def has(self, role: Role) -> bool:
        """Whether requests can be made in the name of `role`."""
        return role in self._headers

    def call(self, name: str) -> Call:
        """A request of the mapping; raises NotAssessed for one that it does not name."""
        if name not in self.mapping.calls:
            raise NotAssessed(f"the mapping names no {name} ([mapping.{name}])")
        return self.mapping.calls[name]

    def found(self, body: Any, entry: str) -> Any:
        """What is at the path of an entry such as `poll.events`; MISSING where nothing is."""
        path = self.mapping.paths.get(entry)
        return MISSING if path is None else find(body, path)

    def id_text(self, answer: Exchange) -> str | None:
        """What is at the place of the job's id in the answer to a submit; None for nothing."""
        if self.mapping.id_header:
            return answer.headers.get(self.mapping.id_header.lower()) or None
        found = self.found(answer.json, "submit.job_id")
        return None if found is MISSING or found is None else str(found)

    def id_in(self, text: str) -> str | None:
        """The id in such a text: its one group where there is a pattern, else all of it."""
        if self._id_pattern is None:
            return text
        found = self._id_pattern.search(text[:LONGEST_TEXT])
        return found[1] if found else None

    def job_id(self, answer: Exchange, *, chosen_id: str) -> str | None:
        """The id of a job that was taken; None where the answer does not name it.

        What else the answer says and later requests need is kept under it.
        """
        job_id: str | None = chosen_id
        if self.mapping.names_ids:
            text = self.id_text(answer)
            job_id = None if text is None else self.id_in(text)
        if job_id is not None and self.mapping.also:
            found = {name: find(answer.json, path) for name, path in self.mapping.also.items()}
            self._last_also = {n: "" if value is MISSING else value for n, value in found.items()}
            self._also[job_id] = self._last_also
        return job_id

    async def ask(
        self,
        vantage: Vantage,
        name: str,
        values: Mapping[str, Any],
        *,
        within_s: float,
        role: Role = Role.USER,
        body: Mapping[str, Any] | None = None,
    ) -> Exchange:
        """One request with its braces filled in; `body` replaces what its body would be."""
        path, request = self.request(name, values, role=role, body=body)
        method = self.call(name).method
        # A poll may take events away, and only a status is known to change nothing.
        safe = name == "status" and method == "GET"
        answer = await exchange(
            vantage, method, path, within_s=within_s, repeatable=safe, **request
        )
        self._expect_no_expiry(vantage, role, answer)
        return answer

    def _expect_no_expiry(self, vantage: Vantage, role: Role, answer: Exchange) -> None:
        """Raise Inconclusive for credentials that were let in once and are refused now."""
        if role not in self._uses:
            return
        use = self._uses[role]
        if answer.status == _UNAUTHORIZED and use.has_expired(vantage, said=answer.detail):
            raise Inconclusive(
                f"the credentials of the {role.value} have expired ({answer.status} "
                f"{answer.detail}): export some that outlive the run"
            )
        use.note(vantage, answer.status)

    def request(
        self,
        name: str,
        values: Mapping[str, Any],
        *,
        role: Role = Role.USER,
        body: Mapping[str, Any] | None = None,
    ) -> tuple[str, dict[str, Any]]:
        """A request's path and everything else of it, as the HTTP client takes them.

        Raises NotAssessed for a role that the mapping has no credentials of.
        """
        call = self.call(name)
        if role not in self._headers:
            raise NotAssessed(f"requests with {role.value} need [mapping.credentials]")
        values = {**self._also.get(str(values.get("job")), self._last_also), **values}
        in_path = {name: quote(str(value), safe="") for name, value in values.items()}
        request: dict[str, Any] = {
            "headers": {**given(filled(call.headers, values)), **self._headers[role]}
        }
        if call.query:
            request["params"] = given(filled(call.query, values))
        if call.json:
            request["json"] = filled(call.json if body is None else body, values)
        if call.form:
            request["data"] = given(filled(call.form if body is None else body, values))
        return str(filled(f"{call.path}", in_path)), request


def _headers_by_role(
    template: Mapping[str, str], credentials: Credentials
) -> dict[Role, dict[str, str]]:
    """The headers of everybody whom the environment has credentials of.

    Raises UsageError when the user's are incomplete or fit into no header. Without credentials in
    the mapping nobody but a user is told apart.
    """
    if not template:
        return {Role.USER: {}}
    user = _secrets(credentials.token, credentials.username, credentials.password)
    other = _secrets(
        credentials.other_token, credentials.other_username, credentials.other_password
    )
    headers = {Role.NOBODY: {}, Role.FORGER: _filled(template, dict.fromkeys(user, _FORGED))}
    if _complete(template, other):
        headers[Role.OTHER] = _filled(template, other)
    if not _complete(template, user):
        raise UsageError(
            "the mapping's credentials are not complete: export QUEUEPROOF_TOKEN, or "
            "QUEUEPROOF_USERNAME and QUEUEPROOF_PASSWORD, whichever [mapping.credentials] names"
        )
    return {**headers, Role.USER: _filled(template, user)}


def _secrets(token: str, username: str, password: str) -> dict[str, str]:
    pair = f"{username}:{password}"
    basic = base64.b64encode(pair.encode()).decode() if username and password else ""
    known_secrets.learn(basic)
    return {"token": token, "username": username, "password": password, "basic": basic}


def _complete(template: Mapping[str, str], values: Mapping[str, str]) -> bool:
    """Whether every brace of the template has a value."""
    return all(
        values[name] for text in template.values() for name in values if f"{{{name}}}" in text
    )


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
