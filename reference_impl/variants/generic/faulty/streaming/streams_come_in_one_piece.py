"""A stream is sent when its job is over.

Seen behind a proxy that gathers an answer before it passes it on.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.generic.front import Front

FAILS = frozenset({"STRM-011"})
PLAYS = ("STRM-002", "STRM-005")


def install() -> None:
    """Gather it."""
    lines_of = Front.lines_of

    async def gathered(self: Front, job_id: str) -> AsyncIterator[bytes]:
        yield b"".join([line async for line in lines_of(self, job_id)])

    Front.lines_of = gathered  # type: ignore[method-assign]
