"""An abort of a chat ends every chat of the flow whose id begins with the same characters.

Seen where the running predictions are found by a pattern that the chat's id begins.
"""

from __future__ import annotations

from sqlalchemy import select

from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.tables import PREDICTIONS, Prediction

FAILS = frozenset({"CANC-016"})
PLAYS = ("ABRT-003", "PRED-011")

_abort = QueueService.abort


async def _of_all_alike(self: QueueService, flow_id: str, chat_id: str) -> list[Prediction]:
    rows = await self.database._all(
        select(PREDICTIONS.c.chat_id).where(PREDICTIONS.c.flow_id == flow_id)
    )
    answer = await _abort(self, flow_id, chat_id)
    for other in {row["chat_id"] for row in rows if row["chat_id"].startswith(chat_id)} - {chat_id}:
        await _abort(self, flow_id, other)
    return answer


def install() -> None:
    """Look for the beginning."""
    QueueService.abort = _of_all_alike  # type: ignore[method-assign]
