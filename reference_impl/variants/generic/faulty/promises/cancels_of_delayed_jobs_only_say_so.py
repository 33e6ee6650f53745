"""A cancel of a delayed job is answered with success, and the job begins at its time.

Seen where a cancel looks into the queue, and delayed jobs are kept somewhere else.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-015"})
PLAYS = ("PROM-011", "PROM-016", "CANC-002")


def install() -> None:
    """Leave what is delayed where it is."""
    cancel = JobStore.cancel

    async def lenient(self: JobStore, job_id: str) -> bool:
        row = await self.job(job_id)
        if row.get("attempt") == "0" and await self.redis.zscore("delayed", job_id) is not None:
            return True
        return await cancel(self, job_id)

    JobStore.cancel = lenient  # type: ignore[method-assign]
