"""An abort takes its time: it is passed on a second later, and answered when it has happened."""

from __future__ import annotations

import asyncio

from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.tables import Prediction

LATER_S = 1.0
_abort = QueueService.abort


async def _abort_later(self: QueueService, flow_id: str, chat_id: str) -> list[Prediction]:
    await asyncio.sleep(LATER_S)
    return await _abort(self, flow_id, chat_id)


def install() -> None:
    """Wait first."""
    QueueService.abort = _abort_later  # type: ignore[method-assign]
