"""All events come at once when the job is over, as behind a buffering proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.flowise.sse import Stream

FAILS = frozenset({"STRM-011"})
PLAYS = (
    "LIVE-002",
    "STRM-005",
)

_chunks = Stream.chunks


async def _at_once(self: Stream) -> AsyncIterator[bytes]:
    yield b"".join([chunk async for chunk in _chunks(self)])


def install() -> None:
    """Gather, then send."""
    Stream.chunks = _at_once  # type: ignore[method-assign]
