"""The langflow contract's HTTP interface, as the real Langflow 1.10 and 1.13 and the reference
offer it: login, custom component, flows, build, events, cancel and the job-queue monitor
(`Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify and Monitor sections).
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from queueproof.config.model import Credentials
from queueproof.errors import TargetUnreachable, UsageError
from queueproof.history import Event, EventKind, Outcome
from queueproof.probe import Probe
from queueproof.targets.http import Exchange, exchange, forget_connection
from queueproof.targets.langflow_probe import component_source, graph_of
from queueproof.targets.protocol import (
    CancelReply,
    MonitorReply,
    PollReply,
    Reply,
    Role,
    StreamOpened,
    SubmitReply,
)
from queueproof.targets.vantage import Vantage

_KINDS = {
    "vertices_sorted": EventKind.START,
    "error": EventKind.ERROR,
    "end": EventKind.END,
    "cancelled": EventKind.CANCELLED,
}
_TICK = re.compile(r"^tick-(\d+)$")
_POSITION_HEADER = "x-events-cursor"


class LangflowAdapter:
    """Speaks to one deployment; holds its tokens and its probe flow."""

    contract = "langflow"

    def __init__(
        self, credentials: Credentials, *, witness: tuple[str, int] | None, now_s: Any
    ) -> None:
        self.version: str | None = None
        self._credentials = credentials
        self._witness = witness
        self._now_s = now_s
        self._tokens: dict[Role, str] = {Role.FORGER: "queueproof.forged.token"}
        self._package = "lfx"
        self._node: dict[str, Any] = {}
        self._component_type = ""
        self._flow_id = ""
        self._other_user_id = ""

    def has(self, role: Role) -> bool:
        """Whether requests can be made in the name of `role`."""
        return role is Role.NOBODY or role in self._tokens

    # -- preparing and tidying -------------------------------------------------------------

    async def prepare(self, vantage: Vantage, *, answer_s: float) -> None:
        """Log in, tell the contract's system from anything else, make the probe flow.

        Raises TargetUnreachable for something that is not Langflow, UsageError for
        credentials that it does not accept.
        """
        within_s = max(answer_s, 20.0)
        await self._recognise(vantage, within_s)
        await self._authenticate(vantage, within_s)
        await self._find_admin(vantage, within_s)
        if self.has(Role.ADMIN) and not self.has(Role.OTHER):
            await self._make_other_user(vantage, within_s)
        await self._make_probe_flow(vantage, within_s)

    async def tidy(self, vantage: Vantage) -> None:
        """Remove the probe flow and the second user."""
        if self._flow_id:
            await self._call(vantage, "DELETE", f"/api/v1/flows/{self._flow_id}", Role.USER)
        if self._other_user_id:
            path = f"/api/v1/users/{self._other_user_id}"
            await self._call(vantage, "DELETE", path, Role.ADMIN)

    async def _recognise(self, vantage: Vantage, within_s: float) -> None:
        answer = await exchange(vantage, "GET", "/api/v1/version", within_s=within_s)
        body = answer.json
        if answer.status is None:
            raise TargetUnreachable(f"{vantage.url} does not answer: {answer.trouble}")
        if not (isinstance(body, dict) and "version" in body):
            kind = answer.headers.get("content-type", "no content type")
            raise TargetUnreachable(
                f"{vantage.url} answers, but not as Langflow does: GET /api/v1/version gave "
                f"{answer.status} ({kind}) instead of a JSON version; is a proxy in between, or "
                "is it another contract (--contract)?"
            )
        self.version = str(body["version"])

    async def _authenticate(self, vantage: Vantage, within_s: float) -> None:
        given = self._credentials
        if given.other_username and given.other_password:
            await self._log_in(
                vantage, Role.OTHER, given.other_username, given.other_password, within_s
            )
        if given.token:
            self._tokens[Role.USER] = given.token
            who = await self._call(vantage, "GET", "/api/v1/users/whoami", Role.USER)
            if who.status in (401, 403):
                raise UsageError(
                    f"the target refuses QUEUEPROOF_TOKEN ({who.status} {who.detail}): "
                    "log in again and export a fresh token"
                )
        elif given.username and given.password:
            await self._log_in(vantage, Role.USER, given.username, given.password, within_s)
        else:
            await self._log_in_automatically(vantage, within_s)

    async def _log_in(
        self, vantage: Vantage, role: Role, username: str, password: str, within_s: float
    ) -> None:
        answer = await self._login(vantage, username, password, within_s)
        token = (answer.json or {}).get("access_token") if answer.ok else None
        if not token:
            raise UsageError(
                f"the target does not accept the login of {username!r} "
                f"({answer.status} {answer.detail}): check QUEUEPROOF_USERNAME and "
                "QUEUEPROOF_PASSWORD"
            )
        self._tokens[role] = token

    async def _log_in_automatically(self, vantage: Vantage, within_s: float) -> None:
        answer = await exchange(vantage, "GET", "/api/v1/auto_login", within_s=within_s)
        token = (answer.json or {}).get("access_token") if answer.ok else None
        if not token:
            raise UsageError(
                "the target wants a login: export QUEUEPROOF_TOKEN, or QUEUEPROOF_USERNAME and "
                "QUEUEPROOF_PASSWORD"
            )
        self._tokens[Role.USER] = token

    async def _find_admin(self, vantage: Vantage, within_s: float) -> None:
        candidate = self._credentials.admin_token or self._tokens[Role.USER]
        self._tokens[Role.ADMIN] = candidate
        reply = await self.monitor(vantage, role=Role.ADMIN, within_s=within_s)
        if reply.status != 200:
            del self._tokens[Role.ADMIN]

    async def _make_other_user(self, vantage: Vantage, within_s: float) -> None:
        name, password = f"queueproof-{uuid.uuid4().hex[:10]}", f"Qp-{uuid.uuid4().hex}-1"
        made = await self._call(
            vantage,
            "POST",
            "/api/v1/users/",
            Role.ADMIN,
            json={"username": name, "password": password},
        )
        if made.status != 201:
            return
        self._other_user_id = made.json["id"]
        path = f"/api/v1/users/{self._other_user_id}"
        await self._call(vantage, "PATCH", path, Role.ADMIN, json={"is_active": True})
        await self._log_in(vantage, Role.OTHER, name, password, within_s)

    async def _make_probe_flow(self, vantage: Vantage, within_s: float) -> None:
        made = await self._component(vantage, "lfx", within_s)
        if not made.ok:
            made = await self._component(vantage, "langflow", within_s)
        body = made.json
        if not made.ok or not isinstance(body, dict) or "data" not in body:
            raise UsageError(
                f"the target does not accept a custom component ({made.status} {made.detail}): "
                "queueproof's probe needs custom components to be allowed for its user"
            )
        self._node, self._component_type = body["data"], body.get("type", "QueueproofProbe")
        graph = graph_of(self._node, self._component_type, self._source(Probe(), ""))
        name = f"queueproof probe {uuid.uuid4().hex[:10]}"
        flow = await self._call(
            vantage, "POST", "/api/v1/flows/", Role.USER, json={"name": name, "data": graph}
        )
        if flow.status != 201:
            raise UsageError(
                f"the target does not let its user make a flow ({flow.status} {flow.detail})"
            )
        self._flow_id = flow.json["id"]

    async def _component(self, vantage: Vantage, package: str, within_s: float) -> Exchange:
        self._package = package
        return await self._call(
            vantage,
            "POST",
            "/api/v1/custom_component",
            Role.USER,
            within_s=within_s,
            json={"code": self._source(Probe(), "")},
        )

    # -- operations ------------------------------------------------------------------------

    async def ping(self, vantage: Vantage) -> Reply:
        """`GET /health`, which every worker answers without touching Redis."""
        return _reply(await exchange(vantage, "GET", "/health", within_s=10.0))

    async def login(
        self, vantage: Vantage, username: str, password: str, *, within_s: float
    ) -> Reply:
        """Try to log in with any credentials."""
        return _reply(await self._login(vantage, username, password, within_s))

    async def submit(
        self, vantage: Vantage, probe: Probe, *, key: str, role: Role, within_s: float
    ) -> SubmitReply:
        """`POST /api/v1/build/{flow}/flow` with the probe's graph."""
        graph = graph_of(self._node, self._component_type, self._source(probe, key))
        answer = await self._call(
            vantage,
            "POST",
            f"/api/v1/build/{self._flow_id}/flow",
            role,
            within_s=within_s,
            params={"log_builds": "false"},
            json={"data": graph},
        )
        body = answer.json
        job_id = body.get("job_id") if isinstance(body, dict) else None
        accepted = answer.ok and bool(job_id)
        outcome = Outcome.OK if accepted else _reply(answer).outcome
        if outcome is Outcome.OK and not accepted:
            outcome = Outcome.FAILED
        return SubmitReply(
            outcome=outcome,
            status=answer.status,
            detail="" if accepted else answer.detail,
            headers=answer.headers,
            job_id=str(job_id) if accepted else None,
        )

    async def submit_unknown_flow(self, vantage: Vantage, *, within_s: float) -> Reply:
        """A submit for a flow that does not exist."""
        return _reply(
            await self._call(
                vantage,
                "POST",
                f"/api/v1/build/{uuid.uuid4()}/flow",
                Role.USER,
                within_s=within_s,
                json={},
            )
        )

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
        params = {"event_delivery": "polling"} | ({"after": after} if after else {})
        answer = await self._call(
            vantage,
            "GET",
            f"/api/v1/build/{job_id}/events",
            role,
            within_s=within_s,
            params=params,
        )
        reply = _reply(answer)
        events = tuple(self._events(answer.text.encode().split(b"\n"))) if answer.ok else ()
        return PollReply(
            outcome=reply.outcome,
            status=reply.status,
            detail="" if answer.ok else reply.detail,
            headers=reply.headers,
            events=events,
            position=answer.headers.get(_POSITION_HEADER),
        )

    @asynccontextmanager
    async def stream(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> AsyncIterator[StreamOpened]:
        """`GET …/events?event_delivery=streaming`; `within_s` bounds each silence."""
        try:
            async with vantage.client.stream(
                "GET",
                f"/api/v1/build/{job_id}/events",
                params={"event_delivery": "streaming"},
                headers=self._headers(role),
                timeout=httpx.Timeout(within_s),
            ) as response:
                vantage.saw(response)
                ok = response.status_code == 200
                detail = "" if ok else " ".join((await response.aread()).decode().split())[:200]
                yield StreamOpened(
                    reply=Reply(
                        outcome=Outcome.OK if ok else Outcome.FAILED,
                        status=response.status_code,
                        detail=detail,
                        headers=dict(response.headers),
                    ),
                    events=self._stream_events(response),
                )
        finally:
            await forget_connection(vantage)

    async def cancel(
        self, vantage: Vantage, job_id: str, *, role: Role, within_s: float
    ) -> CancelReply:
        """`POST …/cancel`; success is what the body claims."""
        answer = await self._call(
            vantage, "POST", f"/api/v1/build/{job_id}/cancel", role, within_s=within_s
        )
        body = answer.json if isinstance(answer.json, dict) else {}
        reply = _reply(answer)
        return CancelReply(
            outcome=reply.outcome,
            status=reply.status,
            detail=reply.detail,
            headers=reply.headers,
            claims_success=answer.ok and body.get("success") is True,
            message=str(body.get("message", "")),
        )

    async def monitor(self, vantage: Vantage, *, role: Role, within_s: float) -> MonitorReply:
        """`GET /api/v1/monitor/job_queue` of the worker behind the vantage."""
        answer = await self._call(
            vantage, "GET", "/api/v1/monitor/job_queue", role, within_s=within_s
        )
        body = answer.json
        reply = _reply(answer)
        return MonitorReply(
            outcome=reply.outcome,
            status=reply.status,
            detail="" if answer.ok else reply.detail,
            headers=reply.headers,
            body=body if answer.ok and isinstance(body, dict) else {},
        )

    # -- wire ------------------------------------------------------------------------------

    async def _login(
        self, vantage: Vantage, username: str, password: str, within_s: float
    ) -> Exchange:
        form = {"username": username, "password": password}
        return await exchange(vantage, "POST", "/api/v1/login", within_s=within_s, data=form)

    async def _call(
        self,
        vantage: Vantage,
        method: str,
        path: str,
        role: Role,
        *,
        within_s: float = 20.0,
        **request: Any,
    ) -> Exchange:
        return await exchange(
            vantage, method, path, within_s=within_s, headers=self._headers(role), **request
        )

    def _headers(self, role: Role) -> dict[str, str]:
        if role is Role.NOBODY:
            return {}
        return {"Authorization": f"Bearer {self._tokens[role]}"}

    def _source(self, probe: Probe, key: str) -> str:
        return component_source(probe, package=self._package, key=key, witness=self._witness)

    async def _stream_events(self, response: httpx.Response) -> AsyncIterator[Event]:
        pending = b""
        async for chunk in response.aiter_bytes():
            *lines, pending = (pending + chunk).split(b"\n")
            for event in self._events(lines):
                yield event
        for event in self._events([pending]):
            yield event

    def _events(self, lines: list[bytes]) -> list[Event]:
        return [self._event(line) for line in lines if line.strip()]

    def _event(self, line: bytes) -> Event:
        text = line.decode("utf-8", "replace")
        try:
            body = json.loads(text)
            name, data = body["event"], body.get("data")
        except (ValueError, KeyError, TypeError):
            return Event(EventKind.OTHER, self._now_s(), text=f"not an event: {text[:120]}")
        tick = _TICK.match(str(data.get("name", ""))) if isinstance(data, dict) else None
        if name == "log" and tick:
            return Event(EventKind.TICK, self._now_s(), tick=int(tick[1]))
        return Event(_KINDS.get(name, EventKind.OTHER), self._now_s(), text=text[:160])


def _reply(answer: Exchange) -> Reply:
    if answer.status is None:
        return Reply(outcome=Outcome.UNKNOWN, detail=answer.trouble)
    outcome = Outcome.OK if answer.ok else Outcome.FAILED
    return Reply(
        outcome=outcome, status=answer.status, detail=answer.detail, headers=answer.headers
    )
