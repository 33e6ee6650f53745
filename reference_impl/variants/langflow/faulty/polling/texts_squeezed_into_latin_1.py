"""Texts are stored in a column of Latin-1, and what does not fit becomes a question mark.

The names of customers, prices in euro and every emoji are lost on the way, silently. In English
nobody notices.
"""

from __future__ import annotations

import json

from reference_impl.core.events import Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"POLL-013", "POLL-014", "STRM-016", "SUBM-008"})
PLAYS = ("POLL-002",)


class WesternBridge(Bridge):
    """Writes what Western Europe can write."""

    async def gather(self, job: Job) -> Batch:
        """The batch in Latin-1."""
        batch = await super().gather(job)
        return Batch(tuple(_squeezed(event) for event in batch.events), batch.closing)


def _squeezed(event: Event) -> Event:
    plain = json.dumps(json.loads(event.body), ensure_ascii=False)
    return Event(event.name, plain.encode("latin-1", "replace").decode("latin-1"))


class VariantAssembly(Assembly):
    """Carries events with it."""

    bridge_class = WesternBridge
