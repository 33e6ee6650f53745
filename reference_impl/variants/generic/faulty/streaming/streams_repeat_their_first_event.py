"""The first event of a stream comes twice.

Seen where what was there before and what comes now overlap.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.generic.front import Front

FAILS = frozenset({"STRM-001", "STRM-002"})
PLAYS = ("POLL-002", "STRM-005")


def install() -> None:
    """Say it again."""
    lines_of = Front.lines_of

    async def stammering(self: Front, job_id: str) -> AsyncIterator[bytes]:
        first = True
        async for line in lines_of(self, job_id):
            yield line
            if first and b'"step":' in line:
                yield line
            first = False

    Front.lines_of = stammering  # type: ignore[method-assign]
