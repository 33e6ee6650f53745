"""A worker that is told to stop gives its jobs to the others, and runs them to their end as well.

Seen where what a stop gives back is not taken from those who still work on it.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore
from reference_impl.generic.worker import Worker

SCENARIOS = {"CHAOS-204": frozenset({"OUTG-008"})}
_running: set[str] = set()


def install() -> None:
    """Push what runs, and go on with it."""
    run, drain, renew = Worker.run, Worker.drain, JobStore.renew

    async def noted(self: Worker, job_id: str, attempt: int) -> None:
        _running.add(job_id)
        try:
            await run(self, job_id, attempt)
        finally:
            _running.discard(job_id)

    async def giving(self: Worker) -> None:
        redis = self.store.redis
        for job_id in list(_running):
            await redis.zrem("leases", job_id)
            await redis.hset(f"job:{job_id}", "state", "waiting")
            await redis.rpush("waiting:normal", job_id)
        await drain(self)

    async def unhindered(self: JobStore, job_id: str, attempt: int) -> str:
        told = await renew(self, job_id, attempt)
        return "held" if told == "lost" else told

    Worker.run = noted  # type: ignore[method-assign]
    Worker.drain = giving  # type: ignore[method-assign]
    JobStore.renew = unhindered  # type: ignore[method-assign]
