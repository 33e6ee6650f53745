"""An abort looks for its job among the first hundred that wait: who is behind runs all the same.

Waiting jobs are asked for by the page, and there is one page.
"""

from __future__ import annotations

from sqlalchemy import select

from reference_impl.core.predictions import State
from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.tables import PREDICTIONS, Prediction

FAILS = frozenset({"ABRT-002"})
PLAYS = ("ABRT-001", "ABRT-003")
A_PAGE = 100

_abort = QueueService.abort


async def _on_the_first_page(self: QueueService, flow_id: str, chat_id: str) -> list[Prediction]:
    waiting = (
        select(PREDICTIONS.c.chat_id)
        .where(PREDICTIONS.c.state == State.WAITING)
        .order_by(PREDICTIONS.c.created_s)
    )
    chats = [row["chat_id"] for row in await self.database._all(waiting)]
    if chat_id in chats[A_PAGE:]:
        return await self.database.predictions(flow_id=flow_id, chat_id=chat_id)
    return await _abort(self, flow_id, chat_id)


def install() -> None:
    """Look there."""
    QueueService.abort = _on_the_first_page  # type: ignore[method-assign]
