"""The same JSON in another writer's hand: another key order, blanks, other characters escaped.

What is ASCII by default is UTF-8 here, and the last key of an object comes first.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.middleware import Middleware

from reference_impl.common.respelling_proxies import RewrittenJson
from reference_impl.core.events import Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job

PLAYS = (
    "POLL-001..003",
    "POLL-013..014",
    "STRM-001..006",
    "STRM-016",
    "CANC-001..003",
    "MONI-001..003",
    "SUBM-006",
)


class OtherHand(Bridge):
    """Writes events otherwise."""

    async def gather(self, job: Job) -> Batch:
        """The batch, rewritten; the words of an end are the reader's."""
        batch = await super().gather(job)
        return Batch(tuple(map(_rewritten, batch.events)), batch.closing)


def _rewritten(event: Event) -> Event:
    body: dict[str, Any] = json.loads(event.body)
    text = json.dumps(dict(reversed(body.items())), ensure_ascii=False, separators=(" , ", " : "))
    return Event(event.name, text.replace("/", "\\/"))


class VariantAssembly(Assembly):
    """With both."""

    bridge_class = OtherHand

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(RewrittenJson)]
