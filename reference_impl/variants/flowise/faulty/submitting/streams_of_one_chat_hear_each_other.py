"""Two streams of one chat at once are each sent the events of both: the channel is the chat's.

Seen where what a worker publishes is passed on to whoever listens to the chat.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.flowise.listener import Listener
from reference_impl.flowise.live_reader import LiveEvent, LiveReader, announced

FAILS = frozenset({"SUBM-004"})
PLAYS = ("PRED-012", "LIVE-002", "LIVE-004")

_dispatch, _ready = Listener._dispatch, LiveReader.ready
_overheard: dict[int, list[LiveEvent]] = {}


def _to_the_chat(self: Listener, channel: str, body: str) -> None:
    for reader in self._readers.get(channel, ()):
        for told in announced(body):
            if told["jobId"] != reader.job_id:
                _overheard.setdefault(id(reader), []).append(LiveEvent.of(told))
                reader.wake()
    _dispatch(self, channel, body)


async def _whatever_was_said(self: LiveReader) -> AsyncIterator[LiveEvent]:
    for event in _overheard.pop(id(self), []):
        yield event
    async for event in _ready(self):
        yield event


def install() -> None:
    """Filter nothing."""
    Listener._dispatch = _to_the_chat  # type: ignore[method-assign]
    LiveReader.ready = _whatever_was_said  # type: ignore[method-assign]
