"""A cancel of a job that waits is answered with success, and the job begins nevertheless.

Seen in a library that answers before it has looked where the job is.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-011"})
PLAYS = ("CANC-002", "CANC-003")


def install() -> None:
    """Leave what waits where it is."""
    cancel = JobStore.cancel

    async def lenient(self: JobStore, job_id: str) -> bool:
        if (await self.job(job_id)).get("state") == "waiting":
            return True
        return await cancel(self, job_id)

    JobStore.cancel = lenient  # type: ignore[method-assign]
