"""A cancel ends the job that was submitted next, too.

Seen where jobs are found by a prefix of their ids, or by their place in a list.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"CANC-016"})
PLAYS = ()


def install() -> None:
    """Keep which job came next, and cancel both."""
    submit, cancel = JobStore.submit, JobStore.cancel

    async def chained(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        before = await self.redis.set("latest", job_id, get=True)
        if before:
            await self.redis.set(f"next:{before!s}", job_id, ex=600)
        return await submit(self, job_id, owner, asked)

    async def both(self: JobStore, job_id: str) -> bool:
        following = await self.redis.get(f"next:{job_id}")
        if following:
            await cancel(self, str(following))
        return await cancel(self, job_id)

    JobStore.submit = chained  # type: ignore[method-assign]
    JobStore.cancel = both  # type: ignore[method-assign]
