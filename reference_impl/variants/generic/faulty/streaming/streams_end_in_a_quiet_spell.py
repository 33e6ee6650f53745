"""A stream that has carried nothing for two seconds is closed.

Seen where a proxy, or a server's keep-alive, has a read timeout.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from reference_impl.generic.front import Front

FAILS = frozenset({"STRM-014"})
PLAYS = ("STRM-002", "STRM-005")
_QUIET_S = 2.0


def install() -> None:
    """Close it."""
    lines_of = Front.lines_of

    async def impatient(self: Front, job_id: str) -> AsyncIterator[bytes]:
        lines = lines_of(self, job_id)
        while True:
            try:
                async with asyncio.timeout(_QUIET_S):
                    line = await anext(lines)
            except (TimeoutError, StopAsyncIteration):
                return
            yield line

    Front.lines_of = impatient  # type: ignore[method-assign]
