"""Making a mapping's requests in somebody's name, and finding things in their answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from queueproof.config.mapping import Call, JobMapping
from queueproof.config.model import Credentials
from queueproof.errors import Inconclusive, NotAssessed
from queueproof.targets.generic.accounts import Accounts
from queueproof.targets.generic.requests import JobIds, as_told, request_of
from queueproof.targets.generic.wire import MISSING, find
from queueproof.targets.http import Exchange, exchange
from queueproof.targets.protocol import Role
from queueproof.targets.token_use import TokenUse
from queueproof.targets.vantage import Vantage

_UNAUTHORIZED = 401


class GenericClient:
    """Speaks for the users that a run has credentials of."""

    def __init__(self, mapping: JobMapping, credentials: Credentials) -> None:
        self.mapping = mapping
        self._accounts = Accounts(mapping, credentials)
        tokens = {Role.USER: credentials.token, Role.OTHER: credentials.other_token}
        self._uses = {role: TokenUse(token) for role, token in tokens.items()}
        self._ids = JobIds(mapping)

    def has(self, role: Role) -> bool:
        """Whether requests can be made in the name of `role`."""
        return self._accounts.has(role)

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
        return self._ids.text_in(answer)

    def job_id(self, answer: Exchange, *, chosen_id: str) -> str | None:
        """The id of a job that was taken; None where the answer does not name it."""
        return self._ids.of(answer, chosen_id=chosen_id)

    def headers_of(self, role: Role) -> dict[str, str]:
        """The headers that speak for a role; raises NotAssessed where there are no credentials."""
        return self._accounts.headers_of(role)

    async def log_in(self, vantage: Vantage, *, within_s: float) -> None:
        """Log in as every user there are credentials of, where the mapping has a login."""
        told = await self._accounts.log_in(vantage, within_s=within_s)
        self._uses |= {role: TokenUse(token) for role, token in told.items()}

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
        # A poll may take events away, unless its client says where it is; a status changes nothing.
        keeps_place = name == "poll" and "after" in self.call(name).names
        safe = method == "GET" and (name == "status" or keeps_place)
        answer = await exchange(
            vantage, method, path, within_s=within_s, repeatable=safe, **request
        )
        self._expect_no_expiry(vantage, role, answer)
        return as_told(self.mapping, answer)

    def _expect_no_expiry(self, vantage: Vantage, role: Role, answer: Exchange) -> None:
        """Raise Inconclusive for credentials that were let in once and are refused now."""
        if role not in self._uses:
            return
        use = self._uses[role]
        date = answer.headers.get("date", "")
        if answer.status == _UNAUTHORIZED and use.has_expired(
            vantage, said=answer.detail, date=date
        ):
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
        values = {**self._ids.also(values.get("job")), **values}
        return request_of(call, values, headers=self.headers_of(role), body=body)
