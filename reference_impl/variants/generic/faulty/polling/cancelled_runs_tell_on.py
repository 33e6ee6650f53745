"""A run that was cancelled says what it still does, behind the end: nobody looks whose events come.

The end is written by who heard of the cancel; the work stops a moment later.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from reference_impl.generic.store import JobStore
from reference_impl.generic.worker import Worker

FAILS = frozenset({"POLL-009"})
PLAYS = ("CANC-002", "CANC-003", "STRM-014", "POLL-005")
_MOMENT_S = 0.3


def install() -> None:
    """Tell the end a moment before the work stops, and take whatever comes."""
    hold = Worker.hold

    async def ended_first(self: Worker, job_id: str, attempt: int) -> str:
        why = await hold(self, job_id, attempt)
        await self.stopped(job_id, attempt, why)
        await asyncio.sleep(_MOMENT_S)
        return why

    async def tell(self: JobStore, job_id: str, attempt: int, event: dict[str, Any]) -> bool:
        del attempt
        events = self.key("events:", job_id)
        return bool(await self.redis.xadd(events, {"event": json.dumps(event)}))

    Worker.hold = ended_first  # type: ignore[method-assign]
    JobStore.tell = tell  # type: ignore[method-assign]
