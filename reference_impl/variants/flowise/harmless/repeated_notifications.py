"""Live events, completions and aborts are announced three times over.

At-least-once notifications: who listens must know what it has seen already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_impl.flowise.live_writer import Events, LiveWriter
from reference_impl.flowise.queue import PredictionQueue
from reference_impl.flowise.queue_service import QueueService

TIMES = 2
_append, _publish_abort = LiveWriter._append, PredictionQueue.publish_abort
_finished = QueueService._finished


async def _written_and_repeated(self: LiveWriter, events: Events) -> int:
    written = await _append(self, events)
    for _, body in events * TIMES:
        await self._client.publish(self._hold.chat_id, body)
    return written


async def _abort_repeated(self: PredictionQueue, flow_id: str, chat_id: str) -> None:
    for _ in range(1 + TIMES):
        await _publish_abort(self, flow_id, chat_id)


def _heard_repeatedly(self: QueueService, fields: Mapping[str, Any]) -> None:
    for _ in range(1 + TIMES):
        _finished(self, fields)


def install() -> None:
    """Say everything again."""
    LiveWriter._append = _written_and_repeated  # type: ignore[method-assign]
    PredictionQueue.publish_abort = _abort_repeated  # type: ignore[method-assign]
    QueueService._finished = _heard_repeatedly  # type: ignore[method-assign]
