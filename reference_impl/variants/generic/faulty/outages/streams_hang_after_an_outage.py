"""A stream that Redis was lost to stays open, and tells nothing any more.

Seen where whoever reads for a stream dies of the lost connection, and the stream waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from reference_impl.generic.front import Front
from reference_impl.generic.worker import TROUBLE

SCENARIOS = {"CHAOS-211": frozenset({"OUTG-014"})}


def install() -> None:
    """Wait for ever."""
    lines_of = Front.lines_of

    async def hanging(self: Front, job_id: str) -> AsyncIterator[bytes]:
        try:
            async for line in lines_of(self, job_id):
                yield line
        except TROUBLE:
            await asyncio.Event().wait()

    Front.lines_of = hanging  # type: ignore[method-assign]
