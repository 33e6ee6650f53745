"""The stream of a finished job is closed without its last event."""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.flowise.sse import Stream, frame

FAILS = frozenset({"STRM-005"})
PLAYS = ("STRM-006",)

_chunks = Stream.chunks


async def _without_end(self: Stream) -> AsyncIterator[bytes]:
    async for chunk in _chunks(self):
        if chunk != frame("end", "[DONE]"):
            yield chunk


def install() -> None:
    """Just stop."""
    Stream.chunks = _without_end  # type: ignore[method-assign]
