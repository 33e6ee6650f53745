"""Who opens a stream after the end is told the end alone.

Seen where what was told is thrown away with the job's last event.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.generic.front import Front
from reference_impl.generic.store import FINAL

FAILS = frozenset({"STRM-009"})
PLAYS = ("STRM-005", "STRM-008")


def install() -> None:
    """Tell nothing else of what is over."""
    lines_of = Front.lines_of

    async def forgetful(self: Front, job_id: str) -> AsyncIterator[bytes]:
        over = (await self.store.job(job_id)).get("state") in FINAL
        async for line in lines_of(self, job_id):
            if not over or b'"step":' not in line:
                yield line

    Front.lines_of = forgetful  # type: ignore[method-assign]
