"""Of a chat's predictions under way an abort stops the newest; the others run on to their ends.

Seen where a map of what runs had one place a chat.
"""

from __future__ import annotations

from sqlalchemy import update

from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.tables import PREDICTIONS, Prediction

FAILS = frozenset({"ABRT-006"})
PLAYS = ("abort",)


async def _the_newest(self: QueueService, flow_id: str, chat_id: str) -> list[Prediction]:
    await self._require_queue()
    before = await self.database.predictions(flow_id=flow_id, chat_id=chat_id)
    newest = [row.id for row in before if not row.state.is_over][-1:]
    for prediction_id in newest:
        marked = update(PREDICTIONS).where(PREDICTIONS.c.id == prediction_id)
        await self.database._write(marked.values(abort_asked=True))
        await self._abort_waiting(prediction_id)
    await self._until_over(newest)
    return before


def install() -> None:
    """Stop one."""
    QueueService.abort = _the_newest  # type: ignore[method-assign]
