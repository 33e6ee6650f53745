"""The answer is not ended behind its last event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from reference_impl.flowise.sse import NOW, Stream

FAILS = frozenset({"LIVE-004"})
PLAYS = (
    "STRM-005",
    "STRM-015",
)

_chunks = Stream.chunks


async def _then_sit(self: Stream) -> AsyncIterator[bytes]:
    async for chunk in _chunks(self):
        yield chunk
    yield NOW
    await asyncio.sleep(3600)


def install() -> None:
    """Sit there."""
    Stream.chunks = _then_sit  # type: ignore[method-assign]
