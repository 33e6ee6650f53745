"""A cancel of a job that is run again when it fails is answered with success, and ends nothing.

Seen where the next run is planned before the last one is over.
"""

from __future__ import annotations

import json

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-016"})
PLAYS = ("PROM-011", "PROM-015", "CANC-002")


def install() -> None:
    """Leave what has retries as it is."""
    cancel = JobStore.cancel

    async def lenient(self: JobStore, job_id: str) -> bool:
        row = await self.job(job_id)
        if row and json.loads(row["asked"]).get("retries"):
            return True
        return await cancel(self, job_id)

    JobStore.cancel = lenient  # type: ignore[method-assign]
