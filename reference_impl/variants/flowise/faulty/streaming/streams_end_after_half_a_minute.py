"""A stream is closed half a minute after it was opened, its job still running.

A platform's limit on the whole of an answer, meant for pages.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from reference_impl.flowise.sse import Stream

FAILS = frozenset({"STRM-020"})
PLAYS = ("STRM-005",)
LONGEST_S = 30.0

_chunks = Stream.chunks


async def _in_time(self: Stream) -> AsyncIterator[bytes]:
    opened_s = time.monotonic()
    async for chunk in _chunks(self):
        if time.monotonic() - opened_s > LONGEST_S:
            return
        yield chunk


def install() -> None:
    """Close in time."""
    Stream.chunks = _in_time  # type: ignore[method-assign]
