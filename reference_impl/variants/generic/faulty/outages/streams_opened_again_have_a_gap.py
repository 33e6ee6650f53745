"""A stream that is opened again behind an outage begins with what came after it.

Seen where events are cached by whoever serves streams, and the cache is made anew.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

from reference_impl.generic.front import Front
from reference_impl.generic.store import FINAL, JobStore
from reference_impl.generic.worker import TROUBLE

SCENARIOS = {"CHAOS-211": frozenset({"OUTG-014"})}
#: What is under way outlives the outage.
SETTINGS = {"JOBS_LEASE_S": "6"}
_HOLD_MS = 500
_LOST_MS = [0]


def install() -> None:
    """Note when Redis was lost, and begin there."""
    job = JobStore.job

    async def noting(self: JobStore, job_id: str) -> dict[str, str]:
        try:
            return await job(self, job_id)
        except TROUBLE:
            _LOST_MS[0] = round(1000 * time.time())
            raise

    async def lines_of(self: Front, job_id: str) -> AsyncIterator[bytes]:
        position: Any = str(_LOST_MS[0])
        while True:
            entries = await self.store.events_after(job_id, position, hold_ms=_HOLD_MS)
            for _, event in entries:
                yield json.dumps(event).encode() + b"\n"
                if event["type"] in FINAL:
                    return
            position = entries[-1][0] if entries else position

    JobStore.job = noting  # type: ignore[method-assign]
    Front.lines_of = lines_of  # type: ignore[method-assign]
