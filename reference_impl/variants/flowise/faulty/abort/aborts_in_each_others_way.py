"""Two aborts of one chat at the same moment: the second finds the first at work and breaks."""

from __future__ import annotations

from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.tables import Prediction

FAILS = frozenset({"ABRT-005"})
PLAYS = ("ABRT-003", "CANC-006")

_abort = QueueService.abort
_under_way: set[str] = set()


async def _alone(self: QueueService, flow_id: str, chat_id: str) -> list[Prediction]:
    if chat_id in _under_way:
        raise KeyError(chat_id)
    _under_way.add(chat_id)
    try:
        return await _abort(self, flow_id, chat_id)
    finally:
        _under_way.discard(chat_id)


def install() -> None:
    """Bear one at a time."""
    QueueService.abort = _alone  # type: ignore[method-assign]
