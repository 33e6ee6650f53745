"""The server stays subscribed to the channels of jobs that are over: a leak."""

from __future__ import annotations

from reference_impl.flowise.listener import Listener
from reference_impl.flowise.live_reader import LiveReader

FAILS = frozenset({"LIVE-005"})
PLAYS = ("LIVE-004",)


async def _stay(self: Listener, reader: LiveReader) -> None:
    self._readers.get(reader.chat_id, set()).discard(reader)


def install() -> None:
    """Never leave a channel."""
    Listener.close = _stay  # type: ignore[method-assign]
