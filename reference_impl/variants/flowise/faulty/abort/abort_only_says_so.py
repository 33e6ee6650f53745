"""An abort is answered with success, and nothing is stopped.

Seen where the abort signal goes to a process that does not run the job.
"""

from __future__ import annotations

from typing import Any

from reference_impl.flowise.queue_service import QueueService

FAILS = frozenset({"ABRT-001", "ABRT-003", "CANC-017", "STRM-007"})
PLAYS = ("CANC-016",)


async def _only_ask(self: QueueService, flow_id: str, chat_id: str) -> list[Any]:
    return await self.database.predictions(flow_id=flow_id, chat_id=chat_id)


def install() -> None:
    """Look, and stop nothing."""
    QueueService.abort = _only_ask  # type: ignore[method-assign]
