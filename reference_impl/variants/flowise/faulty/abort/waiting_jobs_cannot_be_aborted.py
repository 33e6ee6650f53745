"""An abort reaches running jobs only; one that waits runs all the same.

As the real Flowise does, whose workers know only what they run.
"""

from __future__ import annotations

from typing import Any

from reference_impl.flowise.queue_service import QueueService

FAILS = frozenset({"ABRT-002"})
PLAYS = (
    "ABRT-001",
    "CANC-017",
)


async def _abort_running(self: QueueService, flow_id: str, chat_id: str) -> list[Any]:
    rows = await self.database.predictions(flow_id=flow_id, chat_id=chat_id)
    await self.queue.publish_abort(flow_id, chat_id)
    return rows


def install() -> None:
    """Only tell the workers."""
    QueueService.abort = _abort_running  # type: ignore[method-assign]
