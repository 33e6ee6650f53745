"""The metadata that end a stream name the chat that was asked in last: one variable for all.

Whoever goes on with the chat that is named there goes on with somebody else's.
"""

from __future__ import annotations

from reference_impl.flowise.live_reader import LiveReader
from reference_impl.flowise.queue_service import QueueService
from reference_impl.flowise.sse import Stream
from reference_impl.flowise.tables import Prediction

FAILS = frozenset({"SUBM-004"})
PLAYS = ("PRED-002", "LIVE-002", "STRM-005")

_read, _ending = QueueService.read, Stream._ending
_latest = [""]


async def _noting(self: QueueService, prediction_id: str, chat_id: str) -> LiveReader:
    _latest[0] = chat_id
    return await _read(self, prediction_id, chat_id)


def _of_the_latest(self: Stream, row: Prediction) -> list[tuple[str, object]]:
    other = {"chatId": _latest[0], "sessionId": _latest[0]}
    return [
        (name, {**data, **other} if isinstance(data, dict) else data)
        for name, data in _ending(self, row)
    ]


def install() -> None:
    """Keep it in one place."""
    QueueService.read = _noting  # type: ignore[method-assign]
    Stream._ending = _of_the_latest  # type: ignore[method-assign]
