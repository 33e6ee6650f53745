"""A failure that Redis does not take at once is told as a success when it does.

Seen where the handler of a failure fails itself, and what is written next has no error any more.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.worker import TROUBLE, Worker

SCENARIOS = {"CHAOS-229": frozenset({"OUTG-012"})}
#: What is under way outlives the outage.
SETTINGS = {"JOBS_LEASE_S": "6"}


def install() -> None:
    """Forget the error."""
    ended = Worker.ended

    async def forgetting(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        try:
            await self.store.redis.ping()
        except TROUBLE:
            error = None
        await ended(self, job_id, attempt, asked, error)

    Worker.ended = forgetting  # type: ignore[method-assign]
