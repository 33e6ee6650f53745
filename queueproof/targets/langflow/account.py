"""What a run is and has on a langflow deployment: its roles, its second user, its probe flow."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from typing import Any

from queueproof.config.model import Credentials
from queueproof.errors import TargetUnreachable, UsageError
from queueproof.probe import Probe
from queueproof.redaction import known_secrets
from queueproof.targets.answers import Kind
from queueproof.targets.http import Exchange, exchange
from queueproof.targets.in_front import note_cache
from queueproof.targets.langflow import wire
from queueproof.targets.langflow.component import component_source, graph_of, has_code
from queueproof.targets.langflow.logins import NOT_LET_IN, Logins
from queueproof.targets.langflow.tokens import Tokens
from queueproof.targets.marks import marked, rows_of_gone_runs
from queueproof.targets.protocol import Role
from queueproof.targets.reaching import not_answered, not_recognised
from queueproof.targets.removed_flows import RemovedFlows
from queueproof.targets.vantage import Vantage
from queueproof.waiting import eventually

_WITHIN_S = 20.0
_GONE = 404
_VERSION_LIMIT = 40


class LangflowAccount:
    """The tokens and the probe flow that a run uses on one deployment."""

    def __init__(self, credentials: Credentials, *, witness: tuple[str, int] | None) -> None:
        self.version: str | None = None
        self.troubles: dict[str, str] = {}
        self.flow_id = ""
        self._credentials = credentials
        self._witness = witness
        self.tokens = Tokens()
        self.logins = Logins(credentials, self.tokens)
        self._package = "lfx"
        self._node: dict[str, Any] = {}
        self._component_type = ""
        self._made: dict[str, str] = {}
        self._removed_flows = RemovedFlows()
        self._making_anew = asyncio.Lock()

    def has(self, role: Role) -> bool:
        """Whether requests can be made in the name of `role`."""
        return self.tokens.has(role)

    def headers(self, role: Role) -> dict[str, str]:
        """The request headers that speak for `role`."""
        return self.tokens.headers(role)

    def graph(self, probe: Probe, key: str) -> dict[str, Any]:
        """The flow graph that carries `probe`."""
        return graph_of(self._node, self._component_type, self._source(probe, key))

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
        """One request in the name of `role` (see Tokens.call)."""
        return await self.tokens.call(vantage, method, path, role, within_s=within_s, **request)

    async def prepare(self, vantage: Vantage, *, answer_s: float) -> None:
        """Log in, tell the contract's system from anything else, make the probe flow.

        What a superuser is answered and cannot use goes into `troubles`. Raises TargetUnreachable
        for something that is not Langflow, UsageError for credentials that it does not accept.
        """
        within_s = max(answer_s, 20.0)
        await self.recognise(vantage, within_s=within_s)
        await self.logins.authenticate(vantage, within_s)
        await self._look_for_a_cache(vantage)
        await self._find_admin(vantage, within_s)
        if self.has(Role.ADMIN) and not self.has(Role.OTHER):
            await self._make_other_user(vantage, within_s)
        await self._make_probe_flow(vantage, within_s)

    async def tidy(self, vantage: Vantage) -> None:
        """Remove the probe flow and the second user, as far as the target lets."""
        for path in list(self._made):
            if await self._removed(vantage, path):
                del self._made[path]

    @property
    def left_behind(self) -> tuple[str, ...]:
        """What `tidy` has not removed, and how to remove it."""
        return tuple(f"{name} (DELETE {path})" for path, name in self._made.items())

    async def remove_leftovers(self, vantage: Vantage) -> tuple[str, ...]:
        """Remove the flows and users that runs which are gone have left; their names."""
        found: list[tuple[str, str]] = []
        headers = {"get_all": True, "header_flows": True, "remove_example_flows": True}
        flows = await self.call(vantage, "GET", wire.FLOWS, Role.USER, params=headers)
        found += rows_of_gone_runs(flows.json, "flow", wire.FLOWS, by="name")
        if self.has(Role.ADMIN):
            users = await self.call(vantage, "GET", wire.USERS, Role.ADMIN, params={"limit": 1000})
            rows = users.json.get("users") if isinstance(users.json, dict) else None
            found += rows_of_gone_runs(rows, "user", wire.USERS, by="username")
        return tuple([name for path, name in found if await self._removed(vantage, path)])

    @property
    def remarks(self) -> tuple[str, ...]:
        """What others did to what this run uses."""
        return self._removed_flows.remarks

    async def made_anew(self, vantage: Vantage, flow_id: str) -> bool:
        """Whether there is another probe flow, since somebody has removed the one of that id."""
        path = f"{wire.FLOWS}{flow_id}"

        async def look(fresh: Vantage) -> int | None:
            return (await self.call(fresh, "GET", path, Role.USER)).status

        async with self._making_anew:
            name = self._made.get(path, "the run's flow")
            if self.flow_id == flow_id and await self._removed_flows.has_gone(name, look):
                with suppress(UsageError, TargetUnreachable):
                    await self._make_probe_flow(vantage, _WITHIN_S)
                    self._made.pop(path, None)
        return self.flow_id != flow_id

    async def _removed(self, vantage: Vantage, path: str) -> bool:
        """Whether what is at `path` is gone after a DELETE."""
        role = Role.ADMIN if "/users/" in path else Role.USER
        answer = await self.call(vantage, "DELETE", path, role)
        return answer.ok or answer.status == _GONE

    async def recognise(self, vantage: Vantage, *, within_s: float) -> None:
        """Raises TargetUnreachable for anything that does not answer as Langflow does."""
        answer = await exchange(vantage, "GET", wire.VERSION, within_s=within_s)
        if answer.status is None:
            raise TargetUnreachable(await not_answered(vantage.url, answer))
        self._expect_version(vantage, answer)

    def _expect_version(self, vantage: Vantage, answer: Exchange) -> None:
        if "version" not in answer.fields:
            raise TargetUnreachable(
                not_recognised(vantage.url, answer, system="Langflow", asked=wire.VERSION)
            )
        self.version = str(answer.fields["version"])[:_VERSION_LIMIT]
        self._removed_flows.may_be_at(vantage.url)

    async def recognise_replica(self, vantage: Vantage, *, within_s: float) -> None:
        """Raises TargetUnreachable where our token or our flow is not known.

        Asked without winning another token there, which the first one's replicas would not know.
        What is not known yet is asked for again within `within_s`: a replica may lag. Silence and
        errors tell nothing.
        """
        version = await exchange(vantage, "GET", wire.VERSION, within_s=within_s)
        if version.tells_nothing:
            return
        self._expect_version(vantage, version)
        for what, path in (("token", wire.WHO_AM_I), ("flow", f"{wire.FLOWS}{self.flow_id}")):
            answer = await self._seen_at(vantage, path, within_s)
            if answer.status in (*NOT_LET_IN, _GONE) and not answer.tells_nothing:
                raise TargetUnreachable(
                    f"{vantage.url} does not know the {what} that another of the URLs gave "
                    f"({answer.status} {answer.detail}); replicas share database and secret key"
                )

    async def _seen_at(self, vantage: Vantage, path: str, within_s: float) -> Exchange:
        """What the user is answered; asked again for so long as it is not there."""

        async def ask() -> Exchange:
            headers = self.headers(Role.USER)
            return await exchange(vantage, "GET", path, within_s=within_s, headers=headers)

        answer, _ = await eventually(ask, lambda seen: seen.status != _GONE, within_s=within_s)
        return answer

    async def _look_for_a_cache(self, vantage: Vantage) -> None:
        """Whether who the user is is told to a stranger who asks just as the user did.

        Then a target without locks, or a cache in front; only a cache knows no other question.
        """
        asked = await self.call(vantage, "GET", wire.WHO_AM_I, Role.USER)
        stranger = await exchange(vantage, "GET", wire.WHO_AM_I, within_s=_WITHIN_S)
        if asked.ok and stranger.ok and asked.text == stranger.text:
            other = {"queueproof": uuid.uuid4().hex}
            anew = await exchange(vantage, "GET", wire.WHO_AM_I, within_s=_WITHIN_S, params=other)
            if anew.status in NOT_LET_IN:
                note_cache(vantage.url)

    async def _find_admin(self, vantage: Vantage, within_s: float) -> None:
        if self._credentials.admin_token:
            self.tokens.give(Role.ADMIN, self._credentials.admin_token)
        elif self._credentials.admin_api_key:
            self.tokens.give_key(Role.ADMIN, self._credentials.admin_api_key)
        else:
            self.tokens.lend(Role.USER, Role.ADMIN)
        reply = await self.call(vantage, "GET", wire.MONITOR, Role.ADMIN, within_s=within_s)
        if reply.status in NOT_LET_IN:
            self.tokens.take_away(Role.ADMIN)
        elif reply.status != 200:
            self.troubles["monitor"] = f"the monitor answered {reply.status or ''} {reply.detail}"

    async def _make_other_user(self, vantage: Vantage, within_s: float) -> None:
        name, password = marked("queueproof-"), f"Qp-{uuid.uuid4().hex}-1"
        known_secrets.learn(password)
        made = await self.call(
            vantage,
            "POST",
            wire.USERS,
            Role.ADMIN,
            json={"username": name, "password": password},
        )
        if made.status in NOT_LET_IN and "monitor" in self.troubles:
            # Whether this is a superuser the monitor could not tell; this tells that it is none.
            self.tokens.take_away(Role.ADMIN)
            del self.troubles["monitor"]
        elif made.status != 201:
            self.troubles["other_user"] = (
                f"making a second user was answered {made.status or ''} {made.detail}"
            )
        if made.status != 201:
            return
        path = f"{wire.USERS}{made.fields.get('id', '')}"
        self._made[path] = f"user {name!r}"
        await self.call(vantage, "PATCH", path, Role.ADMIN, json={"is_active": True})
        await self.logins.log_in_as(vantage, Role.OTHER, name, password, within_s)

    async def _make_probe_flow(self, vantage: Vantage, within_s: float) -> None:
        made = await self._component(vantage, "lfx", within_s)
        if not made.ok:
            made = await self._component(vantage, "langflow", within_s)
        body = made.fields
        if made.kind is Kind.COME_AGAIN:
            raise TargetUnreachable(f"no flow could be made: {made.as_reply().come_again}")
        if made.status in NOT_LET_IN:
            await self.logins.expect_token_accepted(vantage)
        if not made.ok or not has_code(body.get("data")):
            raise UsageError(
                f"the target does not accept a custom component ({made.status} {made.detail}): "
                "queueproof's probe needs custom components to be allowed for its user"
            )
        self._node, self._component_type = body["data"], str(body.get("type", "QueueproofProbe"))
        graph = self.graph(Probe(), "")
        name = marked("queueproof probe ")
        flow = await self.call(
            vantage, "POST", wire.FLOWS, Role.USER, json={"name": name, "data": graph}
        )
        if flow.kind is Kind.COME_AGAIN:
            raise TargetUnreachable(f"no flow could be made: {flow.as_reply().come_again}")
        if flow.status != 201 or "id" not in flow.fields:
            raise UsageError(
                f"the target does not let its user make a flow ({flow.status} {flow.detail})"
            )
        self.flow_id = str(flow.fields["id"])
        self._made[f"{wire.FLOWS}{self.flow_id}"] = f"flow {name!r}"

    async def _component(self, vantage: Vantage, package: str, within_s: float) -> Exchange:
        self._package = package
        return await self.call(
            vantage,
            "POST",
            wire.COMPONENT,
            Role.USER,
            within_s=within_s,
            json={"code": self._source(Probe(), "")},
        )

    def _source(self, probe: Probe, key: str) -> str:
        return component_source(probe, package=self._package, key=key, witness=self._witness)
