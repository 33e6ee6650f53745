"""An abort takes the chat's controller out of a table; the second one finds none and breaks."""

from __future__ import annotations

from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.tables import Prediction

FAILS = frozenset({"CANC-006", "ABRT-005"})
PLAYS = ("ABRT-003", "CANC-017")

_abort = QueueService.abort
_taken: set[str] = set()


async def _once(self: QueueService, flow_id: str, chat_id: str) -> list[Prediction]:
    if chat_id in _taken:
        raise KeyError(chat_id)
    _taken.add(chat_id)
    return await _abort(self, flow_id, chat_id)


def install() -> None:
    """Bear one abort a chat."""
    QueueService.abort = _once  # type: ignore[method-assign]
