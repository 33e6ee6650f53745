"""A job that is run again waits among the least urgent.

Seen where a retry is a new submit with the defaults.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-021"})
PLAYS = ("PROM-007", "PROM-009")


def install() -> None:
    """Forget how urgent it was."""
    retry = JobStore.retry

    async def forgetful(self: JobStore, job_id: str, attempt: int) -> bool:
        await self.redis.hset(f"job:{job_id}", "priority", "low")
        return await retry(self, job_id, attempt)

    JobStore.retry = forgetful  # type: ignore[method-assign]
