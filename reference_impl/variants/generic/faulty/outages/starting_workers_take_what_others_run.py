"""A worker that starts takes everything that is under way for lost, also what others run.

Seen where a recovery at the start knows nothing of the workers beside it.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore
from reference_impl.generic.worker import Worker

SCENARIOS = {"CHAOS-205": frozenset({"OUTG-005"})}


def install() -> None:
    """End all leases at the start; the runs that lost theirs go on unhindered."""
    work, renew = Worker.work, JobStore.renew

    async def taking(self: Worker) -> None:
        redis = self.store.redis
        for job_id in await redis.zrange("leases", 0, -1):
            await redis.zadd("leases", {str(job_id): 0}, xx=True)
        await self.store.promote()
        await work(self)

    async def unhindered(self: JobStore, job_id: str, attempt: int) -> str:
        told = await renew(self, job_id, attempt)
        return "held" if told == "lost" else told

    Worker.work = taking  # type: ignore[method-assign]
    JobStore.renew = unhindered  # type: ignore[method-assign]
