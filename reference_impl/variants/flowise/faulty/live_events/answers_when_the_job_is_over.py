"""The answer to a streamed prediction begins when its job has ended."""

from __future__ import annotations

import asyncio

from starlette.types import Send

from reference_impl.flowise.sse import EventStreamResponse

FAILS = frozenset({"LIVE-001", "STRM-011"})
PLAYS = ("LIVE-002",)

_feed = EventStreamResponse._feed


async def _late(self: EventStreamResponse, send: Send) -> None:
    await asyncio.wait({self._stream._ticket.done})
    await _feed(self, send)


def install() -> None:
    """Wait first."""
    EventStreamResponse._feed = _late  # type: ignore[method-assign]
