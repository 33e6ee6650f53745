"""Event streams begin with a byte order mark, and their lines end with a carriage return alone.

The format allows both, no blank behind a colon, and a field that nobody knows.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from reference_impl.flowise import sse
from reference_impl.flowise.sse import Stream

BOM = "\ufeff".encode()

_chunks = Stream.chunks


def _framed(event: str, data: object) -> bytes:
    told = json.dumps({"event": event, "data": data})
    return f"message\rdata:{told}\rx-field:1\r\r".encode()


async def _marked(self: Stream) -> AsyncIterator[bytes]:
    yield BOM
    async for chunk in _chunks(self):
        yield chunk


def install() -> None:
    """Speak so."""
    sse.frame = _framed
    sse.HEARTBEAT = b":heartbeat\r\r"
    Stream.chunks = _marked  # type: ignore[method-assign]
