"""The langflow contract's HTTP interface, as the real Langflow 1.10 and 1.13 and the reference
offer it: build, events, cancel and the job-queue monitor
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify and Monitor sections).
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from queueproof.config.model import Credentials
from queueproof.errors import Inconclusive
from queueproof.history import Outcome
from queueproof.probe import Probe
from queueproof.targets.account_adapter import AccountAdapter
from queueproof.targets.bodies import pieces
from queueproof.targets.http import Exchange, exchange, streaming
from queueproof.targets.langflow.account import LangflowAccount
from queueproof.targets.langflow.events import parse_chunks, parse_lines
from queueproof.targets.langflow.tokens import token_in, with_key
from queueproof.targets.langflow.wire import (
    CURSOR_HEADER,
    HEALTH,
    MONITOR,
    POLLING,
    STREAMING,
    cancel_path,
    events_path,
    submit_path,
)
from queueproof.targets.protocol import (
    CancelReply,
    MonitorReply,
    PollReply,
    Reply,
    Role,
    StreamOpened,
    SubmitReply,
)
from queueproof.targets.removed_flows import GONE
from queueproof.targets.request_template import RequestTemplate
from queueproof.targets.vantage import Vantage

_NO_LOG = {"log_builds": "false"}


class LangflowAdapter(AccountAdapter):
    """Speaks to one deployment."""

    contract = "langflow"
    operations = frozenset({"poll", "stream", "steps", "monitor"})

    def __init__(
        self,
        credentials: Credentials,
        *,
        witness: tuple[str, int] | None,
        now_s: Callable[[], float],
    ) -> None:
        self._account: LangflowAccount = LangflowAccount(credentials, witness=witness)
        self._now_s = now_s

    async def ping(self, vantage: Vantage) -> Reply:
        """`GET /health`, which every worker answers without touching Redis."""
        return (await exchange(vantage, "GET", HEALTH, within_s=10.0)).as_reply()

    async def login(
        self, vantage: Vantage, username: str, password: str, *, within_s: float
    ) -> Reply:
        """Try to log in with any credentials."""
        return _login_reply(await self._account.logins.login(vantage, username, password, within_s))

    async def log_in_again(
        self, vantage: Vantage, *, correctly: bool, within_s: float
    ) -> Reply | None:
        """Log in as the run's user once more (see Logins.log_in_again)."""
        answer = await self._account.logins.log_in_again(
            vantage, correctly=correctly, within_s=within_s
        )
        return None if answer is None else _login_reply(answer)

    @property
    def flow_id(self) -> str:
        """The probe flow."""
        return self._account.flow_id

    async def ask(
        self,
        vantage: Vantage,
        method: str,
        path: str,
        role: Role,
        *,
        within_s: float,
        token: str = "",
        key: str = "",
        **request: Any,
    ) -> Exchange:
        """Any request in the name of `role`, or with a `token` or an API `key` of the caller's."""
        account = self._account
        if not (token or key):
            return await account.call(vantage, method, path, role, within_s=within_s, **request)
        headers = with_key(key) if key else account.tokens.speaking(token)
        return await exchange(vantage, method, path, within_s=within_s, headers=headers, **request)

    def token_of(self, role: Role) -> str:
        """The token that requests in the name of `role` speak with; empty for an API key."""
        return self._account.tokens.token_of(role)

    def graph(self, probe: Probe) -> dict[str, Any]:
        """The flow graph that carries `probe`, for a case that changes it."""
        return self._account.graph(probe, "")

    async def submit(
        self, vantage: Vantage, probe: Probe, *, key: str, role: Role, within_s: float
    ) -> SubmitReply:
        """`POST /api/v1/build/{flow}/flow` with the probe's graph."""
        graph = self._account.graph(probe, key)

        async def ask(flow: str) -> Exchange:
            return await self._account.call(
                vantage,
                "POST",
                submit_path(flow),
                role,
                within_s=within_s,
                params=_NO_LOG,
                json={"data": graph},
            )

        flow = self._account.flow_id
        answer = await ask(flow)
        removed = answer.status == GONE and role is Role.USER
        if removed and await self._account.made_anew(vantage, flow):
            answer = await ask(self._account.flow_id)
        job_id = answer.fields.get("job_id")
        accepted = answer.ok and bool(job_id)
        reply = answer.as_reply()
        return reply.become(
            SubmitReply,
            outcome=Outcome.FAILED if answer.ok and not accepted else reply.outcome,
            detail="" if accepted else answer.detail,
            job_id=str(job_id) if accepted else None,
        )

    async def request_template(self, vantage: Vantage, probe: Probe) -> RequestTemplate:  # noqa: ARG002
        """How jobs of `probe` are submitted without the adapter; needs no request here."""
        query = "&".join(f"{name}={value}" for name, value in _NO_LOG.items())
        return RequestTemplate(
            path=f"{submit_path(self._account.flow_id)}?{query}",
            body={"data": self._account.graph(probe, "")},
            headers=self._account.headers(Role.USER),
            flow=self._account.flow_id,
        )

    async def submit_unknown_flow(self, vantage: Vantage, *, within_s: float) -> Reply:
        """A submit in the user's name for a flow that does not exist."""
        path = submit_path(str(uuid.uuid4()))
        answer = await self._account.call(
            vantage, "POST", path, Role.USER, within_s=within_s, json={}
        )
        return answer.as_reply()

    async def poll(
        self,
        vantage: Vantage,
        job_id: str,
        *,
        role: Role,
        within_s: float,
        after: str | None = None,
    ) -> PollReply:
        """`GET …/events?event_delivery=polling`."""
        params = POLLING | ({"after": after} if after else {})
        answer = await self._account.call(
            vantage,
            "GET",
            events_path(job_id),
            role,
            within_s=within_s,
            repeatable=False,
            params=params,
        )
        lines = answer.text.encode().split(b"\n") if answer.ok else ()
        return answer.as_reply().become(
            PollReply,
            detail="" if answer.ok else answer.detail,
            events=tuple(parse_lines(lines, self._now_s)),
            position=answer.headers.get(CURSOR_HEADER),
        )

    @asynccontextmanager
    async def stream(
        self,
        vantage: Vantage,
        job_id: str,
        *,
        role: Role,
        within_s: float,
        besides: Mapping[str, str] = MappingProxyType({}),
    ) -> AsyncIterator[StreamOpened]:
        """`GET …/events?event_delivery=streaming`; `within_s` bounds each silence.

        `besides` are headers that go along with those of `role`. Raises Inconclusive where the
        token had expired, and so had the one that was won in its place.
        """
        for _ in range(2):
            headers = self._account.headers(role)
            async with streaming(
                vantage,
                "GET",
                events_path(job_id),
                silence_s=within_s,
                params=STREAMING,
                headers={**headers, **besides},
            ) as (answer, response):
                if not await self._account.tokens.renewed(vantage, role, headers, answer):
                    events = parse_chunks(pieces(response), self._now_s)
                    yield StreamOpened(reply=answer.as_reply(), events=events)
                    return
        raise Inconclusive("a token that was won a moment ago had expired when it was looked at")

    async def cancel(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> CancelReply:
        """`POST …/cancel`; success is what the body claims."""
        answer = await self._account.call(
            vantage, "POST", cancel_path(job_id), role, within_s=within_s
        )
        body = answer.fields
        return answer.as_reply().become(
            CancelReply,
            claims_success=answer.ok and body.get("success") is True,
            message=str(body.get("message", "")),
        )

    async def monitor(self, vantage: Vantage, *, role: Role, within_s: float) -> MonitorReply:
        """`GET /api/v1/monitor/job_queue` of the worker behind the vantage."""
        answer = await self._account.call(vantage, "GET", MONITOR, role, within_s=within_s)
        return answer.as_reply().become(
            MonitorReply,
            detail="" if answer.ok else answer.detail,
            body=answer.fields if answer.ok else {},
        )


def _login_reply(answer: Exchange) -> Reply:
    """A login's answer without its token, which must not reach a report."""
    won, reply = bool(token_in(answer)), answer.as_reply()
    if won:
        return replace(reply, outcome=Outcome.OK, detail="a token")
    return replace(reply, outcome=Outcome.FAILED if answer.ok else reply.outcome)
