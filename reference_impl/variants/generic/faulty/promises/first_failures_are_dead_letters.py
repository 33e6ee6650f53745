"""A job is among the dead letters from its first failure on, whatever becomes of it.

Seen where the hook for failures does not know of retries.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-031"})
PLAYS = ("PROM-007", "PROM-030")


def install() -> None:
    """List what is run again, too."""
    retry = JobStore.retry

    async def hasty(self: JobStore, job_id: str, attempt: int) -> bool:
        owner = (await self.job(job_id))["owner"]
        await self.redis.lpush(f"dead:{owner}", job_id)
        return await retry(self, job_id, attempt)

    JobStore.retry = hasty  # type: ignore[method-assign]
