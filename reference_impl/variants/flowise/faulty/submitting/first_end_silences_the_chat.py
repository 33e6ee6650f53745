"""The first stream of a chat that ends takes the subscription along: others hear no more.

Seen where nobody counts who else listens.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.flowise.listener import Listener
from reference_impl.flowise.live_reader import LiveEvent, LiveReader

FAILS = frozenset({"SUBM-004"})
PLAYS = ("PRED-012", "LIVE-002", "LIVE-004")

_close, _ready = Listener.close, LiveReader.ready
_silenced: set[LiveReader] = set()


async def _for_all(self: Listener, reader: LiveReader) -> None:
    _silenced.update(self._readers.get(reader.chat_id, set()) - {reader})
    await _close(self, reader)


async def _unless_silenced(self: LiveReader) -> AsyncIterator[LiveEvent]:
    if self in _silenced:
        self._wake.clear()
        self._behind = False
        return
    async for event in _ready(self):
        yield event


def install() -> None:
    """Silence the others."""
    Listener.close = _for_all  # type: ignore[method-assign]
    LiveReader.ready = _unless_silenced  # type: ignore[method-assign]
