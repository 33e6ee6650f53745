"""Getting in: credentials for each role, the probe flows, and removing these again."""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from contextlib import suppress
from typing import Any

from queueproof.config.model import Credentials
from queueproof.errors import Inconclusive, TargetUnreachable, UsageError
from queueproof.probe import Probe
from queueproof.redaction import known_secrets
from queueproof.targets.answers import Kind
from queueproof.targets.flowise import wire
from queueproof.targets.flowise.flow import flow_of
from queueproof.targets.flowise.session import reply_of
from queueproof.targets.http import Exchange, exchange
from queueproof.targets.marks import is_nobodys, marked
from queueproof.targets.protocol import Role
from queueproof.targets.reaching import not_answered, not_recognised
from queueproof.targets.removed_flows import RemovedFlows
from queueproof.targets.transports import transport_to
from queueproof.targets.vantage import Vantage

_WITHIN_S = 20.0
_UNAUTHORIZED = 401
_GONE = 404
_VERSION_LIMIT = 40
_COOKIE = re.compile(r"(?:^|,\s*)(token|refreshToken|connect\.sid)=([^;,\s]+)")
_FORGED = {**wire.INTERNAL, "Cookie": "token=queueproof.forged.token"}


class NotLetThrough(Inconclusive):
    """Something in front of the target did not let a request through."""


class FlowiseAccount:
    """The logins and the probe flows that a run uses on one deployment."""

    def __init__(self, credentials: Credentials, *, witness: tuple[str, int] | None) -> None:
        self.version: str | None = None
        self.troubles: dict[str, str] = {}
        self._credentials = credentials
        self._witness = witness
        self._headers: dict[Role, dict[str, str]] = {Role.NOBODY: {}, Role.FORGER: _FORGED}
        self._flows: dict[Probe, str] = {}
        self._let_in: set[Role] = set()
        self._renewing = asyncio.Lock()
        self._removed_flows = RemovedFlows()
        self._making: defaultdict[Probe, asyncio.Lock] = defaultdict(asyncio.Lock)

    def has(self, role: Role) -> bool:
        """Whether requests can be made in the name of `role`."""
        return role in self._headers

    def headers(self, role: Role) -> dict[str, str]:
        """The request headers that speak for `role`."""
        return self._headers[role]

    async def call(
        self,
        vantage: Vantage,
        method: str,
        path: str,
        role: Role,
        *,
        within_s: float = _WITHIN_S,
        **request: Any,
    ) -> Exchange:
        """One request in the name of `role`.

        A user whose session is gone, as after Redis lost its data, logs in again once, and only
        once for all requests that found it gone: logins may be counted.
        """
        tried = self.headers(role)

        async def ask() -> Exchange:
            return await exchange(
                vantage, method, path, within_s=within_s, headers=self.headers(role), **request
            )

        answer = await ask()
        if answer.status != _UNAUTHORIZED or role not in (Role.USER, Role.ADMIN):
            self._let_in |= {role} if answer.ok else set()
            return answer
        async with self._renewing:
            if self.headers(role) is tried:
                renewed = await self.log_in_again(vantage, correctly=True, within_s=within_s)
                if renewed is None and role in self._let_in:
                    raise Inconclusive(f"the API key has expired ({reply_of(answer).words})")
                if not (renewed and renewed[1]):
                    return answer
        return await ask()

    async def prepare(self, vantage: Vantage, *, answer_s: float) -> None:
        """Tell the contract's system from anything else, log in, make a first probe flow.

        A deployment that has no account yet is registered in the name of the user given.
        Raises TargetUnreachable for something that is not Flowise, UsageError for credentials
        that it does not accept.
        """
        within_s = max(answer_s, _WITHIN_S)
        await self.recognise(vantage, within_s=within_s)
        await self._authenticate(vantage, within_s)
        try:
            await self.flow(vantage, Probe())
        except NotLetThrough as front:
            raise TargetUnreachable(str(front)) from None
        except Inconclusive as refusal:
            raise UsageError(str(refusal)) from None

    async def tidy(self, vantage: Vantage) -> None:
        """Remove the probe flows, and with them their jobs' messages, as the target lets."""
        for probe, flow in list(self._flows.items()):
            if await self._removed(vantage, flow):
                del self._flows[probe]

    @property
    def left_behind(self) -> tuple[str, ...]:
        """What `tidy` has not removed, and how to remove it."""
        return tuple(f"flow {flow} (DELETE {wire.FLOWS}/{flow})" for flow in self._flows.values())

    async def remove_leftovers(self, vantage: Vantage) -> tuple[str, ...]:
        """Remove the flows that runs which are gone have left; their names."""
        answer = await self.call(
            vantage, "GET", wire.FLOWS, Role.USER, params={"type": "AGENTFLOW"}
        )
        rows = answer.json if isinstance(answer.json, list) else []
        listed = [row for row in rows if isinstance(row, dict) and row.get("id")]
        gone = [row for row in listed if is_nobodys(str(row.get("name")))]
        removed = [row for row in gone if await self._removed(vantage, str(row["id"]))]
        return tuple(f"flow {row['name']!r}" for row in removed)

    async def _removed(self, vantage: Vantage, flow: str) -> bool:
        """Whether the flow is gone after a DELETE."""
        answer = await self.call(vantage, "DELETE", f"{wire.FLOWS}/{flow}", Role.USER)
        return answer.ok or answer.status == _GONE

    async def flow(self, vantage: Vantage, probe: Probe) -> str:
        """The id of the flow that carries `probe`, made when it is first asked for.

        Raises Inconclusive when the target does not make it.
        """
        async with self._making[probe]:
            if probe not in self._flows:
                self._flows[probe] = await self._make_flow(vantage, probe)
        return self._flows[probe]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What others did to what this run uses."""
        return self._removed_flows.remarks

    async def made_anew(self, vantage: Vantage, probe: Probe, flow: str) -> bool:
        """Whether there is another flow for `probe`, since somebody has removed that one."""

        async def look(fresh: Vantage) -> int | None:
            return (await self.call(fresh, "GET", f"{wire.FLOWS}/{flow}", Role.USER)).status

        async with self._making[probe]:
            if self._flows.get(probe) == flow and await self._removed_flows.has_gone(
                f"flow {flow}", look
            ):
                with suppress(Inconclusive):
                    self._flows[probe] = await self._make_flow(vantage, probe)
        return self._flows.get(probe) != flow

    async def login(
        self, vantage: Vantage, email: str, password: str, within_s: float
    ) -> tuple[Exchange, dict[str, str]]:
        """Log in: the answer, and the headers that speak for whoever it was; empty if refused."""
        answer = await exchange(
            vantage,
            "POST",
            wire.LOGIN,
            within_s=within_s,
            json={"email": email, "password": password},
            headers=wire.INTERNAL,
        )
        cookies = dict(_COOKIE.findall(answer.headers.get("set-cookie", "")))
        known_secrets.learn(*cookies.values())
        if not answer.ok or "token" not in cookies:
            return answer, {}
        jar = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return answer, {**wire.INTERNAL, "Cookie": jar}

    async def log_in_again(
        self, vantage: Vantage, *, correctly: bool, within_s: float
    ) -> tuple[Exchange, bool] | None:
        """Log in as the user once more; None when the run was given an API key instead."""
        given = self._credentials
        by_itself = given.token or given.api_key
        if by_itself or not (given.username and given.password):
            return None
        password = given.password if correctly else f"not-{given.password}"
        answer, headers = await self.login(vantage, given.username, password, within_s)
        if correctly and headers:
            self._headers[Role.USER] = headers
            if self.has(Role.ADMIN):
                self._headers[Role.ADMIN] = headers
        return answer, bool(headers)

    async def recognise(self, vantage: Vantage, *, within_s: float) -> None:
        """Raises TargetUnreachable for anything that does not answer as Flowise does."""
        version = await exchange(vantage, "GET", wire.VERSION, within_s=within_s)
        if version.status is None:
            raise TargetUnreachable(await not_answered(vantage.url, version))
        await self._expect_flowise(vantage, version, within_s)

    async def recognise_replica(self, vantage: Vantage, *, within_s: float) -> None:
        """The same, of another URL; silence and errors tell nothing there."""
        version = await exchange(vantage, "GET", wire.VERSION, within_s=within_s)
        if not version.tells_nothing:
            await self._expect_flowise(vantage, version, within_s, replica=True)

    async def _expect_flowise(
        self, vantage: Vantage, version: Exchange, within_s: float, *, replica: bool = False
    ) -> None:
        ping = await exchange(vantage, "GET", wire.PING, within_s=within_s)
        if replica and ping.tells_nothing:
            return
        strange = version if "version" not in version.fields else ping
        asked = wire.VERSION if strange is version else wire.PING
        if strange is version or not (ping.text.strip() == "pong" or ping.status == 503):
            said = not_recognised(vantage.url, strange, system="Flowise", asked=asked)
            raise TargetUnreachable(said)
        self.version = str(version.fields["version"])[:_VERSION_LIMIT]
        self._removed_flows.may_be_at(vantage.url)

    async def _authenticate(self, vantage: Vantage, within_s: float) -> None:
        given = self._credentials
        if key := given.token or given.api_key:
            if transport_to(vantage.url).takes_authorization:
                raise UsageError(
                    "an API key and the front before Flowise both want the Authorization header: "
                    "leave the key out and export QUEUEPROOF_USERNAME and QUEUEPROOF_PASSWORD"
                )
            self._headers[Role.USER] = {"Authorization": f"Bearer {key}"}
        elif given.username and given.password:
            await self._log_in_or_register(vantage, within_s)
        else:
            raise UsageError(
                "the target wants a login: export QUEUEPROOF_USERNAME (the account's e-mail "
                "address) and QUEUEPROOF_PASSWORD, or an API key as QUEUEPROOF_API_KEY"
            )
        if given.other_username and given.other_password:
            answer, headers = await self.login(
                vantage, given.other_username, given.other_password, within_s
            )
            if headers:
                self._headers[Role.OTHER] = headers
            else:
                said = reply_of(answer).words
                self.troubles["other_user"] = f"the second user's login was answered {said}"

    async def _log_in_or_register(self, vantage: Vantage, within_s: float) -> None:
        email, password = self._credentials.username, self._credentials.password
        answer, headers = await self.login(vantage, email, password, within_s)
        if not headers:
            user = {"name": "queueproof", "email": email, "credential": password}
            made = await exchange(
                vantage,
                "POST",
                wire.REGISTER,
                within_s=within_s,
                json={"user": user},
            )
            if made.ok:
                answer, headers = await self.login(vantage, email, password, within_s)
        if answer.kind is Kind.COME_AGAIN:
            raise TargetUnreachable(f"no login came about: {answer.as_reply().come_again}")
        if not headers:
            raise UsageError(
                f"the target does not accept the login of {email!r} ({reply_of(answer).words}): "
                "check QUEUEPROOF_USERNAME and QUEUEPROOF_PASSWORD"
            )
        self._headers[Role.USER] = headers
        if answer.fields.get("isOrganizationAdmin") is True:
            self._headers[Role.ADMIN] = headers

    async def _make_flow(self, vantage: Vantage, probe: Probe) -> str:
        answer = await self.call(
            vantage,
            "POST",
            wire.FLOWS,
            Role.USER,
            json={
                "name": marked("queueproof probe "),
                "type": "AGENTFLOW",
                "flowData": json.dumps(flow_of(probe, self._witness)),
                "deployed": True,
                "isPublic": True,
            },
        )
        if answer.kind is Kind.COME_AGAIN:
            raise NotLetThrough(f"no flow could be made: {answer.as_reply().come_again}")
        if not answer.ok or "id" not in answer.fields:
            raise Inconclusive(
                f"the target does not let its user make a flow ({reply_of(answer).words})"
            )
        return str(answer.fields["id"])
