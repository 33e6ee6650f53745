"""A newer version: answers and events have fields, and streams have events, that nobody knows."""

from __future__ import annotations

import json

from starlette.middleware import Middleware

from reference_impl.common.proxies import NEWS, NewerAnswers
from reference_impl.core.events import Event, make_event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job


class NewerBridge(Bridge):
    """Writes events with more in them, and some more events."""

    async def gather(self, job: Job) -> Batch:
        """The batch as a newer version would write it."""
        batch = await super().gather(job)
        if batch.closing is not None:
            return batch
        extra = make_event("x_progress", {"tick": "tick-0", **NEWS})
        return Batch((extra, *(_newer(event) for event in batch.events)), None)


def _newer(event: Event) -> Event:
    return Event(event.name, json.dumps({**NEWS, **json.loads(event.body)}))


class VariantAssembly(Assembly):
    """With both."""

    bridge_class = NewerBridge

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        return [Middleware(NewerAnswers)]
