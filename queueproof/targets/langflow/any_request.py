"""Any request to a langflow deployment in somebody's name, for endpoints that no operation covers.

The answer comes back whole, body included, as cases need it that judge what an answer tells.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import httpx

from queueproof.errors import Inconclusive, NotAssessed
from queueproof.history import Event, Outcome
from queueproof.targets.answers import Kind
from queueproof.targets.job import Job, is_over
from queueproof.targets.langflow import wire
from queueproof.targets.langflow.adapter import LangflowAdapter
from queueproof.targets.protocol import Reply, Role
from queueproof.targets.raw_replies import RawReply, Streamed
from queueproof.targets.system import System
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import Worker


async def ask(
    target: System,
    method: str,
    path: str,
    *,
    via: Worker | None = None,
    role: Role = Role.USER,
    token: str = "",
    key: str = "",
    sending: Mapping[str, Any] | None = None,
) -> RawReply:
    """Send one request in the name of `role`, or with a `token` or an API `key` of the case's own.

    `sending` is what goes along, in httpx's words: `json`, `data` or `content`.

    Raises NotAssessed where the target speaks another contract.
    """
    adapter = adapter_of(target)

    async def send(vantage: Vantage) -> RawReply:
        answer = await adapter.ask(
            vantage,
            method,
            path,
            role,
            token=token,
            key=key,
            within_s=target.patience_s,
            **(sending or {}),
        )
        reply = answer.as_reply()
        # What a success says may be a secret, such as a token: it is not recorded.
        detail = "" if answer.ok else reply.detail
        return reply.become(RawReply, detail=detail, body=answer.text)

    return await target.perform(f"{method} {path}", send, via=via)


async def stream_with(
    target: System,
    job: Job,
    headers: Mapping[str, str],
    *,
    via: Worker | None = None,
    within_s: float,
) -> Streamed:
    """Stream a job in its user's name, with `headers` besides, until it or `within_s` is over.

    Raises NotAssessed where the target speaks another contract, Inconclusive where the connection
    breaks.
    """
    adapter = adapter_of(target)

    async def send(vantage: Vantage) -> Streamed:
        reply, events = Reply(outcome=Outcome.UNKNOWN, detail="no answer came"), list[Event]()
        asking = adapter.stream(vantage, job.id, role=Role.USER, within_s=within_s, besides=headers)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s), asking as opened:
                reply = opened.reply
                if reply.kind is Kind.SUCCESS:
                    await _read(opened.events, events)
        return reply.become(Streamed, events=tuple(events))

    try:
        return await target.perform("stream", send, job=job, via=via)
    except httpx.HTTPError as error:
        raise Inconclusive(f"the stream broke: {type(error).__name__} {error}") from error


async def _read(source: AsyncIterator[Event], events: list[Event]) -> None:
    """Add what comes, up to a terminal event."""
    async for event in source:
        events.append(event)
        if is_over([event]):
            return


def adapter_of(target: System) -> LangflowAdapter:
    """The adapter of a langflow deployment."""
    if not isinstance(target.adapter, LangflowAdapter):
        raise NotAssessed("is asked of the langflow contract only")
    return target.adapter


def job_paths(job_id: str) -> dict[str, tuple[str, str]]:
    """What can be asked about a job: what it is called -> method and path."""
    events = wire.events_path(job_id)
    return {
        "a poll": ("GET", f"{events}?{urlencode(wire.POLLING)}"),
        "a stream": ("GET", f"{events}?{urlencode(wire.STREAMING)}"),
        "a cancel": ("POST", wire.cancel_path(job_id)),
    }
