"""A failure that Redis does not take at once is told to nobody: the job runs for ever.

Seen where a worker settles a job's lease in any case, and the failure's own write only once.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.worker import TROUBLE, Worker, insisting

SCENARIOS = {"CHAOS-229": frozenset({"OUTG-012"})}
#: What is under way outlives the outage.
SETTINGS = {"JOBS_LEASE_S": "6"}


def install() -> None:
    """Give the lease back, and say nothing."""
    ended = Worker.ended

    async def silent(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        try:
            await self.store.redis.ping()
        except TROUBLE:
            if error is not None:
                leases = self.store.key("leases")
                await insisting(lambda: self.store.redis.zrem(leases, job_id))
                return
        await ended(self, job_id, attempt, asked, error)

    Worker.ended = silent  # type: ignore[method-assign]
