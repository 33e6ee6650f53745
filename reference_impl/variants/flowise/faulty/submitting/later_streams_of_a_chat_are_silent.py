"""A chat is streamed to three times; whoever asks in it for a fourth time is sent no event.

Subscriptions are counted up and not down, and at three there is nothing left to subscribe to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from reference_impl.flowise.listener import Listener
from reference_impl.flowise.live_reader import LiveEvent, LiveReader

FAILS = frozenset({"SUBM-004"})
PLAYS = ("LIVE-002..004", "PRED-012")
MOST = 3

_open, _ready = Listener.open, LiveReader.ready
_opened: Counter[str] = Counter()
_too_late: set[LiveReader] = set()


async def _counting(self: Listener, job_id: str, chat_id: str) -> LiveReader:
    reader = await _open(self, job_id, chat_id)
    _opened[chat_id] += 1
    if _opened[chat_id] > MOST:
        _too_late.add(reader)
    return reader


async def _unless_too_late(self: LiveReader) -> AsyncIterator[LiveEvent]:
    if self in _too_late:
        self._wake.clear()
        self._behind = False
        return
    async for event in _ready(self):
        yield event


def install() -> None:
    """Count subscriptions."""
    Listener.open = _counting  # type: ignore[method-assign]
    LiveReader.ready = _unless_too_late  # type: ignore[method-assign]
