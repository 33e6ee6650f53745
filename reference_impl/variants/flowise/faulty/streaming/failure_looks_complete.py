"""A flow that fails ends its stream as if nothing had happened."""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.flowise.sse import Stream

FAILS = frozenset({"STRM-006"})
PLAYS = ("STRM-005",)

_chunks = Stream.chunks


async def _without_errors(self: Stream) -> AsyncIterator[bytes]:
    async for chunk in _chunks(self):
        if b'"error"' not in chunk and b'"ERROR"' not in chunk:
            yield chunk


def install() -> None:
    """Swallow errors."""
    Stream.chunks = _without_errors  # type: ignore[method-assign]
