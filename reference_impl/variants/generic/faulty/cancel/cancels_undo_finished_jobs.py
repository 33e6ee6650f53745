"""A cancel of a job that has finished makes it a cancelled one.

Seen where a cancel writes the state without a look at it.
"""

from __future__ import annotations

import json

from reference_impl.generic.store import JobStore

FAILS = frozenset({"CANC-007"})
PLAYS = ("CANC-002", "CANC-008")


def install() -> None:
    """Write over the end."""
    cancel = JobStore.cancel

    async def undoing(self: JobStore, job_id: str) -> bool:
        if (await self.job(job_id)).get("state") != "finished":
            return await cancel(self, job_id)
        await self.redis.hset(f"job:{job_id}", "state", "cancelled")
        await self.redis.delete(f"events:{job_id}")
        await self.redis.xadd(f"events:{job_id}", {"event": json.dumps({"type": "cancelled"})})
        return True

    JobStore.cancel = undoing  # type: ignore[method-assign]
