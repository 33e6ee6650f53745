"""A cancel that comes within a moment of the submit is answered with success, and lost.

Seen where cancels go to whoever is listed as running a job, and the list is written by a timer.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"CANC-004"})
PLAYS = ("CANC-008",)
LISTED_AFTER_MS = 200


def install() -> None:
    """Take no notice of a cancel before that."""
    submit, cancel = JobStore.submit, JobStore.cancel

    async def unlisted(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        await self.redis.set(self.key("new", job_id), "1", px=LISTED_AFTER_MS)
        return await submit(self, job_id, owner, asked)

    async def deaf(self: JobStore, job_id: str) -> bool:
        return bool(await self.redis.exists(self.key("new", job_id))) or await cancel(self, job_id)

    JobStore.submit, JobStore.cancel = unlisted, deaf  # type: ignore[method-assign]
