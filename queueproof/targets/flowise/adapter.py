"""The flowise contract's HTTP interface, as the real Flowise 3.1 and the reference offer it:
predictions that block or stream, abort, messages, health, dashboard
(`Flowise, "Running Flowise using Queue"`, Flow Diagram, Health Checks, Queue Dashboard).

A job's id is the chat id that the harness chose for it; a submit is a streamed prediction, and
the job's stream is the answer to it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from queueproof.config.model import Credentials
from queueproof.errors import HarnessError, Inconclusive
from queueproof.history import Event, Outcome
from queueproof.probe import Probe
from queueproof.targets.account_adapter import AccountAdapter
from queueproof.targets.flowise.account import FlowiseAccount
from queueproof.targets.flowise.dashboard import FlowiseDashboard
from queueproof.targets.flowise.session import StreamedPrediction, is_stream, reply_of
from queueproof.targets.flowise.wire import (
    FLOWS,
    VERSION,
    abort_path,
    messages_path,
    prediction_body,
    prediction_path,
)
from queueproof.targets.http import Exchange, exchange
from queueproof.targets.predictions import (
    DashboardReply,
    DashboardView,
    MessagesReply,
    PredictReply,
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
from queueproof.targets.recent_jobs import RecentJobs
from queueproof.targets.removed_flows import GONE
from queueproof.targets.request_template import RequestTemplate
from queueproof.targets.vantage import Vantage


class FlowiseAdapter(AccountAdapter):
    """Speaks to one deployment."""

    contract = "flowise"
    operations = frozenset(
        {"stream", "stream_once", "steps", "predict", "messages", "health", "dashboard"}
    )

    def __init__(
        self,
        credentials: Credentials,
        *,
        witness: tuple[str, int] | None,
        now_s: Callable[[], float],
    ) -> None:
        self._account: FlowiseAccount = FlowiseAccount(credentials, witness=witness)
        self._now_s = now_s
        self._open: dict[str, StreamedPrediction] = {}
        self._flow_of: RecentJobs[str] = RecentJobs()
        self._dashboard = FlowiseDashboard(self._account)

    async def tidy(self, vantage: Vantage) -> None:
        """Drop the streams that nobody read to their end, remove the flows."""
        for session in self._open.values():
            await session.close()
        self._open.clear()
        await super().tidy(vantage)

    async def ping(self, vantage: Vantage) -> Reply:
        """`GET /api/v1/version`, which the server answers without touching Redis."""
        return reply_of(await exchange(vantage, "GET", VERSION, within_s=10.0))

    async def login(
        self, vantage: Vantage, username: str, password: str, *, within_s: float
    ) -> Reply:
        """Try to log in with any credentials."""
        answer, headers = await self._account.login(vantage, username, password, within_s)
        return _login_reply(answer, won=bool(headers))

    async def log_in_again(
        self, vantage: Vantage, *, correctly: bool, within_s: float
    ) -> Reply | None:
        """Log in as the run's user once more (see FlowiseAccount.log_in_again)."""
        came = await self._account.log_in_again(vantage, correctly=correctly, within_s=within_s)
        return None if came is None else _login_reply(came[0], won=came[1])

    async def submit(
        self, vantage: Vantage, probe: Probe, *, key: str, role: Role, within_s: float
    ) -> SubmitReply:
        """`POST /api/v1/prediction/{flow}` with streaming, on a connection of the job's own."""
        flow = await self._account.flow(vantage, probe)
        job_id = str(uuid.uuid4())
        headers = self._account.headers(role) if role is not Role.USER else {}
        body = prediction_body(key or "queueproof", job_id, streaming=True)
        session = StreamedPrediction(vantage.url, self._now_s)

        async def ask() -> Exchange:
            path = prediction_path(flow)
            return await session.begin(path, within_s=within_s, headers=headers, json=body)

        answer = await ask()
        if answer.status == GONE and await self._account.made_anew(vantage, probe, flow):
            flow = await self._account.flow(vantage, probe)
            await session.close()
            session = StreamedPrediction(vantage.url, self._now_s)
            answer = await ask()
        reply, accepted = reply_of(answer), is_stream(answer)
        self._flow_of[job_id] = flow
        if accepted:
            self._open[job_id] = session
        else:
            await session.close()
        failed = Outcome.UNKNOWN if answer.status is None else Outcome.FAILED
        return reply.become(
            SubmitReply,
            outcome=Outcome.OK if accepted else failed,
            detail="" if accepted else reply.detail,
            job_id=job_id if accepted else None,
        )

    async def request_template(self, vantage: Vantage, probe: Probe) -> RequestTemplate:
        """How jobs of `probe` are asked for without the adapter; makes its flow."""
        flow = await self._account.flow(vantage, probe)
        return RequestTemplate(
            path=prediction_path(flow), headers=self._account.headers(Role.USER), flow=flow
        )

    async def submit_unknown_flow(self, vantage: Vantage, *, within_s: float) -> Reply:
        """A prediction of a flow that does not exist."""
        path = prediction_path(str(uuid.uuid4()))
        body = {"question": "queueproof"}
        return reply_of(await exchange(vantage, "POST", path, within_s=within_s, json=body))

    async def stream_unknown_flow(self, vantage: Vantage, *, within_s: float) -> Reply:
        """A streamed prediction of a flow that does not exist."""
        session = StreamedPrediction(vantage.url, self._now_s)
        path = prediction_path(str(uuid.uuid4()))
        body = {"question": "queueproof", "streaming": True}
        try:
            return reply_of(await session.begin(path, within_s=within_s, json=body))
        finally:
            await session.close()

    async def ready(self, vantage: Vantage, probe: Probe) -> None:
        """Make the flow that carries `probe`, unless there is one."""
        await self._account.flow(vantage, probe)

    async def predict(
        self, vantage: Vantage, probe: Probe, *, key: str, job_id: str, within_s: float
    ) -> PredictReply:
        """`POST /api/v1/prediction/{flow}` without streaming: the answer is the result."""
        flow = await self._account.flow(vantage, probe)
        body = prediction_body(key, job_id, streaming=False)

        async def ask() -> Exchange:
            self._flow_of[job_id] = flow
            path = prediction_path(flow)
            return await exchange(vantage, "POST", path, within_s=within_s, json=body)

        answer = await ask()
        if answer.status == GONE and await self._account.made_anew(vantage, probe, flow):
            flow = await self._account.flow(vantage, probe)
            answer = await ask()
        reply = reply_of(answer)
        return reply.become(
            PredictReply,
            detail="" if answer.ok else reply.detail,
            body=answer.fields if answer.ok else {},
        )

    async def ask(
        self, vantage: Vantage, method: str, path: str, role: Role, *, within_s: float, **sent: Any
    ) -> Exchange:
        """Any request in the name of `role`."""
        return await self._account.call(vantage, method, path, role, within_s=within_s, **sent)

    async def stream_in_chat(
        self,
        vantage: Vantage,
        probe: Probe,
        *,
        key: str,
        job_id: str,
        headers: Mapping[str, str],
        within_s: float,
    ) -> tuple[Exchange, float, list[Event]]:
        """A streamed prediction of the chat `job_id`, from its request until it or the time ends:
        its answer, when that began, and the events.

        Raises httpx.HTTPError when the stream broke.
        """
        flow = await self._account.flow(vantage, probe)
        self._flow_of[job_id] = flow
        session, events = StreamedPrediction(vantage.url, self._now_s), list[Event]()
        body = prediction_body(key, job_id, streaming=True)
        try:
            answer = await session.begin(
                prediction_path(flow), within_s=within_s, headers=dict(headers), json=body
            )
            answered_s = self._now_s()
            if is_stream(answer):
                with suppress(TimeoutError):
                    async with asyncio.timeout(within_s):
                        async for event in session.events():
                            events.append(event)
        finally:
            await session.close()
        return answer, answered_s, events

    async def poll(
        self,
        vantage: Vantage,
        job_id: str,
        *,
        role: Role,
        within_s: float,
        after: str | None = None,
    ) -> PollReply:
        """The contract has no polling; raises HarnessError."""
        raise HarnessError("flowise jobs cannot be polled: the case belongs to another contract")

    @asynccontextmanager
    async def stream(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> AsyncIterator[StreamOpened]:
        """The answer to the job's submit; leaving the context drops its connection."""
        session = self._open.get(job_id)
        if session is None:
            raise Inconclusive("the job's stream was read and closed before")
        try:
            yield StreamOpened(reply=Reply(outcome=Outcome.OK, status=200), events=session.events())
        finally:
            self._open.pop(job_id, None)
            await session.close()

    async def cancel(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> CancelReply:
        """`PUT /api/v1/chatmessage/abort/{flow}/{chat}`; any 2xx claims success."""
        flow = self._flow_of.get(job_id) or str(uuid.uuid4())
        path = abort_path(flow, job_id)
        answer = await self._account.call(vantage, "PUT", path, role, within_s=within_s)
        reply = reply_of(answer)
        return reply.become(
            CancelReply,
            claims_success=answer.ok,
            message=reply.detail,
        )

    async def monitor(self, vantage: Vantage, *, role: Role, within_s: float) -> MonitorReply:
        """The contract has no monitor; raises HarnessError."""
        raise HarnessError("flowise has no monitor: the case belongs to another contract")

    async def flows(self, vantage: Vantage, *, role: Role, within_s: float) -> Reply:
        """`GET /api/v1/chatflows`."""
        path = FLOWS
        return reply_of(await self._account.call(vantage, "GET", path, role, within_s=within_s))

    async def messages(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> MessagesReply:
        """`GET /api/v1/chatmessage/{flow}` of the job's chat: what was written of it."""
        flow = self._flow_of.get(job_id) or str(uuid.uuid4())
        answer = await self._account.call(
            vantage,
            "GET",
            messages_path(flow),
            role,
            within_s=within_s,
            params={"chatId": job_id},
        )
        rows = answer.json if answer.ok and isinstance(answer.json, list) else ()
        reply = reply_of(answer)
        return reply.become(
            MessagesReply,
            detail="" if answer.ok else reply.detail,
            messages=tuple(row for row in rows if isinstance(row, dict)),
        )

    async def health(self, vantage: Vantage, path: str, *, within_s: float) -> Reply:
        """`GET /api/v1/ping` of the server, or `/healthz` of a worker."""
        return reply_of(await exchange(vantage, "GET", path, within_s=within_s))

    async def dashboard(
        self, vantage: Vantage, *, role: Role, view: DashboardView, within_s: float
    ) -> DashboardReply:
        """What the dashboard shows (see FlowiseDashboard.shown)."""
        return await self._dashboard.shown(vantage, role=role, view=view, within_s=within_s)

    async def dashboard_page(self, vantage: Vantage, *, role: Role, within_s: float) -> Reply:
        """`GET /admin/queues`: the page itself."""
        return await self._dashboard.page(vantage, role=role, within_s=within_s)


def _login_reply(answer: Exchange, *, won: bool) -> Reply:
    """A login's answer without its cookies, which must not reach a report."""
    reply = replace(reply_of(answer), headers={})
    return replace(reply, outcome=Outcome.OK, detail="a token") if won else reply
