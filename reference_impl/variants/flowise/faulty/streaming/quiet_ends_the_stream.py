"""A spell without events ends the stream, as a proxy with a short timeout does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from reference_impl.flowise.sse import Stream, frame

FAILS = frozenset({"STRM-014"})
PLAYS = ("STRM-005",)

QUIET_S = 1.0
_chunks = Stream.chunks


async def _impatient(self: Stream) -> AsyncIterator[bytes]:
    chunks = _chunks(self)
    while True:
        try:
            async with asyncio.timeout(QUIET_S):
                chunk = await anext(chunks, None)
        except TimeoutError:
            break
        if chunk is None:
            return
        yield chunk
    yield frame("end", "[DONE]")


def install() -> None:
    """Give up after a second."""
    Stream.chunks = _impatient  # type: ignore[method-assign]
