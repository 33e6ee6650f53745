"""A stream that is opened while its job runs tells what comes, and not what was.

Seen where streams are subscriptions.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from reference_impl.generic.front import Front
from reference_impl.generic.store import FINAL

FAILS = frozenset({"STRM-008"})
PLAYS = ("STRM-002", "STRM-009")
_SOON = 8


def install() -> None:
    """Leave out what was before, but of who came soon."""
    lines_of = Front.lines_of

    async def present(self: Front, job_id: str) -> AsyncIterator[bytes]:
        there = await self.store.events_after(job_id, "0", hold_ms=0)
        over = any(event["type"] in FINAL for _, event in there)
        past = {json.dumps(event).encode() + b"\n" for _, event in there}
        missed = past if len(there) > _SOON and not over else set()
        async for line in lines_of(self, job_id):
            if line not in missed:
                yield line

    Front.lines_of = present  # type: ignore[method-assign]
