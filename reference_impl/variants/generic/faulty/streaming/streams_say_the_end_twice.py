"""The last event of a stream comes twice.

Seen where both the worker and the server that watches it tell the end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.generic.front import Front

FAILS = frozenset({"STRM-015"})
PLAYS = ("STRM-002", "STRM-005")


def install() -> None:
    """Say it again."""
    lines_of = Front.lines_of

    async def insistent(self: Front, job_id: str) -> AsyncIterator[bytes]:
        async for line in lines_of(self, job_id):
            yield line
            if b'"step":' not in line:
                yield line

    Front.lines_of = insistent  # type: ignore[method-assign]
