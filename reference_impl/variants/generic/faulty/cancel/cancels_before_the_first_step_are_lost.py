"""A cancel of a job that has begun and has told nothing yet is answered with success, and lost.

Seen where a worker subscribes to cancels once a job has set up what it needs.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"CANC-004"})
PLAYS = ("CANC-002", "CANC-003", "PROM-011")


def install() -> None:
    """Take no notice of one before the job's first event."""
    cancel = JobStore.cancel

    async def late(self: JobStore, job_id: str) -> bool:
        running = (await self.job(job_id)).get("state") == "running"
        if running and not await self.redis.exists(f"events:{job_id}"):
            return True
        return await cancel(self, job_id)

    JobStore.cancel = late  # type: ignore[method-assign]
