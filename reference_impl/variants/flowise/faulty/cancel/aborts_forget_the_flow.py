"""An abort looks for the chat alone: another flow's prediction of the same chat ends with it."""

from __future__ import annotations

from sqlalchemy import select

from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.tables import PREDICTIONS, Prediction

FAILS = frozenset({"CANC-016"})
PLAYS = ("ABRT-003", "CANC-006")

_abort = QueueService.abort


async def _of_all_flows(self: QueueService, flow_id: str, chat_id: str) -> list[Prediction]:
    rows = await self.database._all(
        select(PREDICTIONS.c.flow_id).where(PREDICTIONS.c.chat_id == chat_id)
    )
    answer = await _abort(self, flow_id, chat_id)
    for other in {row["flow_id"] for row in rows} - {flow_id}:
        await _abort(self, other, chat_id)
    return answer


def install() -> None:
    """Look for the chat alone."""
    QueueService.abort = _of_all_flows  # type: ignore[method-assign]
