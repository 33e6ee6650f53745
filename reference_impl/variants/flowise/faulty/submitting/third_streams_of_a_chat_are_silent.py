"""Of three streams of a chat at once the third is sent no event: there are two places a channel.

Two windows were thought of. The prediction runs, and its stream ends with nothing said before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.flowise.listener import Listener
from reference_impl.flowise.live_reader import LiveEvent, LiveReader

FAILS = frozenset({"SUBM-004"})
PLAYS = ("LIVE-002..004", "PRED-012")
PLACES = 2

_open, _ready = Listener.open, LiveReader.ready
_without_a_place: set[LiveReader] = set()


async def _if_there_is_a_place(self: Listener, job_id: str, chat_id: str) -> LiveReader:
    reader = await _open(self, job_id, chat_id)
    if len(self._readers[chat_id]) > PLACES:
        _without_a_place.add(reader)
    return reader


async def _unless_without(self: LiveReader) -> AsyncIterator[LiveEvent]:
    if self in _without_a_place:
        self._wake.clear()
        self._behind = False
        return
    async for event in _ready(self):
        yield event


def install() -> None:
    """Count readers."""
    Listener.open = _if_there_is_a_place  # type: ignore[method-assign]
    LiveReader.ready = _unless_without  # type: ignore[method-assign]
