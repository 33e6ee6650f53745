"""An event follows the last one."""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.flowise.sse import Stream, frame

FAILS = frozenset({"STRM-015"})
PLAYS = (
    "STRM-005",
    "LIVE-004",
)

_chunks = Stream.chunks


async def _and_more(self: Stream) -> AsyncIterator[bytes]:
    async for chunk in _chunks(self):
        yield chunk
    yield frame("token", "one more thing")


def install() -> None:
    """Say one more thing."""
    Stream.chunks = _and_more  # type: ignore[method-assign]
