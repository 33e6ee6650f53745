"""A stream ends when its job does, and does not say how.

Seen where the end of the body was thought to say enough.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.generic.front import Front

FAILS = frozenset({"STRM-005", "STRM-006", "STRM-007"})
PLAYS = ("POLL-008", "POLL-009")


def install() -> None:
    """Leave out the last line."""
    lines_of = Front.lines_of

    async def silent(self: Front, job_id: str) -> AsyncIterator[bytes]:
        async for line in lines_of(self, job_id):
            if b'"step":' in line:
                yield line

    Front.lines_of = silent  # type: ignore[method-assign]
