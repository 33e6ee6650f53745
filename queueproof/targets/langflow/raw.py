"""Any request to a langflow deployment in somebody's name, for endpoints that no operation covers.

The answer comes back whole, body included, as cases need it that judge what an answer tells.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from queueproof.errors import NotAssessed
from queueproof.targets.langflow import wire
from queueproof.targets.langflow.adapter import LangflowAdapter
from queueproof.targets.protocol import Reply, Role
from queueproof.targets.system import System
from queueproof.targets.vantage import Vantage
from queueproof.targets.worker import Worker


@dataclass(frozen=True, kw_only=True)
class RawReply(Reply):
    """An answer with its body; `body` as text."""

    body: str = ""

    @property
    def json(self) -> dict[str, Any]:
        """The body's JSON object; empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


async def ask(
    target: System,
    method: str,
    path: str,
    *,
    via: Worker | None = None,
    role: Role = Role.USER,
    token: str = "",
    sending: Mapping[str, Any] | None = None,
) -> RawReply:
    """Send one request in the name of `role`, or with a `token` of the case's own.

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
            within_s=target.patience_s,
            **(sending or {}),
        )
        reply = answer.as_reply()
        # What a success says may be a secret, such as a token: it is not recorded.
        detail = "" if answer.ok else reply.detail
        return reply.become(RawReply, detail=detail, body=answer.text)

    return await target.perform(f"{method} {path}", send, via=via)


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
