"""A closed tab is noticed by the next event that cannot be sent: in a quiet spell never.

The build of somebody who closed the window works on until it says something again.
"""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from reference_impl.common.connections import watching
from reference_impl.langflow import http_builds
from reference_impl.langflow.responses import EventStream

FAILS = frozenset({"CANC-010", "CANC-011"})
PLAYS = ("STRM-005",)


class WritingStream(EventStream):
    """Looks for its client before it writes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the events end or one cannot be sent."""
        async with watching(receive) as gone:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            async for event in self._events:
                if gone.done():
                    self._on_left()
                    return
                chunk = event.body.encode() + b"\n\n"
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await asyncio.sleep(0)
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def install() -> None:
    """Every stream is one."""
    http_builds.EventStream = WritingStream  # type: ignore[attr-defined]  # where it is looked up
