"""Texts of more than 64 KiB are cut to fit the limit of a message (as push services do).

The event arrives, is valid, and lacks most of what it was to say.
"""

from __future__ import annotations

import json
from typing import Any

from reference_impl.core.events import Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bridge import Batch, Bridge
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"POLL-014", "STRM-012"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)
LIMIT = 64 * 1024


class CuttingBridge(Bridge):
    """Cuts long texts."""

    async def gather(self, job: Job) -> Batch:
        """The batch with events of a bearable size."""
        batch = await super().gather(job)
        return Batch(tuple(_bearable(event) for event in batch.events), batch.closing)


def _bearable(event: Event) -> Event:
    if len(event.body) <= LIMIT:
        return event
    return Event(event.name, json.dumps(_cut(json.loads(event.body))))


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return value[:1024]
    if isinstance(value, dict):
        return {key: _cut(inner) for key, inner in value.items()}
    return [_cut(inner) for inner in value] if isinstance(value, list) else value


class VariantAssembly(Assembly):
    """Carries events with it."""

    bridge_class = CuttingBridge
