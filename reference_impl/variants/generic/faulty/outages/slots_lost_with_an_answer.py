"""A run whose end Redis did not take at once is ended later, and its slot is never free again.

Seen where a semaphore is released behind the write that raises; the last slot of a worker is left.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.worker import TROUBLE, Worker

SCENARIOS = {"CHAOS-211": frozenset({"OUTG-013"})}
#: What is under way outlives the outage.
SETTINGS = {"JOBS_LEASE_S": "6"}
_LEFT = 1


def install() -> None:
    """Hold it until the worker stops."""
    ended = Worker.ended
    held: list[str] = []

    async def holding(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        try:
            await self.store.redis.ping()
        except TROUBLE:
            if len(held) < self.settings.slots - _LEFT:
                held.append(job_id)
        await ended(self, job_id, attempt, asked, error)
        if job_id in held:
            await self.stopping.wait()

    Worker.ended = holding  # type: ignore[method-assign]
