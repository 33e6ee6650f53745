"""Streams are kept by chat: a second one takes the first one's place, which is sent nothing more.

Seen where the clients of live events are a table whose key is the chat.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.flowise.listener import Listener
from reference_impl.flowise.live_reader import LiveEvent, LiveReader

FAILS = frozenset({"SUBM-004"})
PLAYS = ("PRED-012", "LIVE-002", "LIVE-004")

_open, _ready = Listener.open, LiveReader.ready
_replaced: set[LiveReader] = set()


async def _in_its_place(self: Listener, job_id: str, chat_id: str) -> LiveReader:
    _replaced.update(self._readers.get(chat_id, ()))
    return await _open(self, job_id, chat_id)


async def _unless_replaced(self: LiveReader) -> AsyncIterator[LiveEvent]:
    if self in _replaced:
        self._wake.clear()
        self._behind = False
        return
    async for event in _ready(self):
        yield event


def install() -> None:
    """Keep the latest."""
    Listener.open = _in_its_place  # type: ignore[method-assign]
    LiveReader.ready = _unless_replaced  # type: ignore[method-assign]
