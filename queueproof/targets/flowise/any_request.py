"""Any request to a flowise deployment in somebody's name, and streams of chats that a case names.

The answer comes back whole, body included, as cases need it that judge what an answer tells.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from queueproof.errors import Inconclusive, NotAssessed
from queueproof.probe import Probe
from queueproof.targets.answers import Kind
from queueproof.targets.flowise.adapter import FlowiseAdapter
from queueproof.targets.flowise.flow import flow_of
from queueproof.targets.flowise.session import is_stream, reply_of
from queueproof.targets.flowise.wire import FLOWS, prediction_path
from queueproof.targets.job import Job
from queueproof.targets.marks import marked
from queueproof.targets.protocol import Role
from queueproof.targets.raw_replies import RawReply, Streamed
from queueproof.targets.system import System
from queueproof.targets.vantage import Vantage


async def ask_flowise(
    target: System,
    method: str,
    path: str,
    *,
    role: Role = Role.USER,
    sending: Mapping[str, Any] | None = None,
    within_s: float | None = None,
) -> RawReply:
    """Send one request in the name of `role`; `sending` is what goes along, in httpx's words.

    Raises NotAssessed where the target speaks another contract.
    """
    adapter = _adapter_of(target)

    async def send(vantage: Vantage) -> RawReply:
        answer = await adapter.ask(
            vantage, method, path, role, within_s=within_s or target.patience_s, **(sending or {})
        )
        reply = reply_of(answer)
        # What a success says may be a secret: it is not recorded.
        detail = "" if answer.ok else reply.detail
        return reply.become(RawReply, detail=detail, body=answer.text)

    return await target.perform(f"{method} {path.partition('?')[0]}", send)


async def stream_in_chat(
    job: Job, *, headers: Mapping[str, str] | None = None, within_s: float | None = None
) -> Streamed:
    """Stream a job in the chat that is its id, with `headers` besides, until it or the time ends.

    Raises NotAssessed where the target speaks another contract, Inconclusive where the connection
    breaks.
    """
    target, adapter = job.system, _adapter_of(job.system)

    async def send(vantage: Vantage) -> Streamed:
        answer, answered_s, events = await adapter.stream_in_chat(
            vantage,
            job.probe,
            key=job.key,
            job_id=job.id,
            headers=headers or {},
            within_s=within_s or target.within(job.probe),
        )
        reply = reply_of(answer)
        return reply.become(
            Streamed,
            detail="" if is_stream(answer) else reply.detail,
            events=tuple(events),
            answered_s=answered_s,
        )

    try:
        return await target.perform("stream", send, job=job)
    except httpx.HTTPError as error:
        raise Inconclusive(f"the stream broke: {type(error).__name__} {error}") from error


@asynccontextmanager
async def own_flow(target: System, probe: Probe) -> AsyncIterator[str]:
    """The id of a flow that carries a probe which nobody witnesses, for one case to change.

    It is removed afterwards, if it is still there. Raises Inconclusive where it is not made.
    """
    made = await ask_flowise(target, "POST", FLOWS, sending={"json": _flow(probe)})
    _require_success(made, "making a flow")
    flow_id = str(made.json.get("id", ""))
    try:
        yield flow_id
    finally:
        await ask_flowise(target, "DELETE", f"{FLOWS}/{flow_id}")


async def change_flow(target: System, flow_id: str, probe: Probe) -> None:
    """Make the flow carry another probe; raises Inconclusive where it is not let."""
    changed = await ask_flowise(target, "PUT", f"{FLOWS}/{flow_id}", sending={"json": _flow(probe)})
    _require_success(changed, "changing a flow")


async def delete_flow(target: System, flow_id: str) -> None:
    """Remove the flow; raises Inconclusive where it is not let."""
    gone = await ask_flowise(target, "DELETE", f"{FLOWS}/{flow_id}")
    _require_success(gone, "deleting a flow")


async def ask_flow(
    target: System, flow_id: str, *, question: str, chat_id: str = "", within_s: float
) -> RawReply:
    """A blocking prediction of any flow, in a chat or without naming one."""
    body = {"question": question, "streaming": False, **({"chatId": chat_id} if chat_id else {})}
    return await ask_flowise(
        target, "POST", prediction_path(flow_id), sending={"json": body}, within_s=within_s
    )


def _flow(probe: Probe) -> dict[str, Any]:
    return {
        "name": marked("queueproof probe "),
        "type": "AGENTFLOW",
        "flowData": json.dumps(flow_of(probe, None)),
        "deployed": True,
        "isPublic": True,
    }


def _require_success(reply: RawReply, what: str) -> None:
    if reply.kind is not Kind.SUCCESS:
        raise Inconclusive(f"{what} was answered {reply.words}")


def _adapter_of(target: System) -> FlowiseAdapter:
    if not isinstance(target.adapter, FlowiseAdapter):
        raise NotAssessed("is asked of the flowise contract only")
    return target.adapter
