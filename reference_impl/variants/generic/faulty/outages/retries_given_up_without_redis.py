"""A job whose next run cannot be noted at once has failed for good, whatever retries it has left.

Seen where the note of a retry raises, and the handler of that failure knows no retries.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.worker import TROUBLE, Worker

SCENARIOS = {"CHAOS-229": frozenset({"OUTG-012"})}
#: What is under way outlives the outage.
SETTINGS = {"JOBS_LEASE_S": "6"}


def install() -> None:
    """Give it up."""
    ended = Worker.ended

    async def giving_up(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        try:
            await self.store.redis.ping()
        except TROUBLE:
            asked = {**asked, "retries": 0}
        await ended(self, job_id, attempt, asked, error)

    Worker.ended = giving_up  # type: ignore[method-assign]
