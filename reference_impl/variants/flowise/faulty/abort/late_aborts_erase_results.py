"""An abort of a finished job marks it as aborted all the same, and its result is gone."""

from __future__ import annotations

from sqlalchemy import update

from reference_impl.core.predictions import State
from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.tables import PREDICTIONS, Prediction

FAILS = frozenset({"ABRT-004"})
PLAYS = ("ABRT-003", "CANC-006")

_abort = QueueService.abort


async def _erasing(self: QueueService, flow_id: str, chat_id: str) -> list[Prediction]:
    rows = await _abort(self, flow_id, chat_id)
    done = [row.id for row in rows if row.state is State.COMPLETED]
    if done:
        erased = update(PREDICTIONS).where(PREDICTIONS.c.id.in_(done))
        await self.database._write(erased.values(state=State.ABORTED, result=None))
    return rows


def install() -> None:
    """Abort whatever there is."""
    QueueService.abort = _erasing  # type: ignore[method-assign]
