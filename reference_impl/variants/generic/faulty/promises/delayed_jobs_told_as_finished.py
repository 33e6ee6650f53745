"""A job that waits for its time is told to have finished.

Seen where a scheduler takes a job for done once it has put it away.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-019"})
PLAYS = ("PROM-004", "STAT-002")


def install() -> None:
    """Tell of what is put away as if it were done."""
    job = JobStore.job

    async def hasty(self: JobStore, job_id: str) -> dict[str, str]:
        row = await job(self, job_id)
        away = row.get("state") == "waiting" and row.get("attempt") == "0"
        if away and await self.redis.zscore("delayed", job_id) is not None:
            return {**row, "state": "finished"}
        return row

    JobStore.job = hasty  # type: ignore[method-assign]
