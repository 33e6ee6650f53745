"""The pause before a retry counts from the start of the run that failed.

A run that took longer than the pause is repeated at once.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore, now_ms
from reference_impl.generic.worker import Worker

FAILS = frozenset({"PROM-008"})
PLAYS = ("PROM-006", "PROM-007")


def install() -> None:
    """Note when each run began, and count from there."""
    begun_ms: dict[str, int] = {}
    do = Worker.do

    async def noted(self: Worker, job_id: str, attempt: int, asked: dict[str, Any]) -> None:
        begun_ms[job_id] = now_ms()
        await do(self, job_id, attempt, asked)

    async def retry(self: JobStore, job_id: str, attempt: int) -> bool:
        due_ms = begun_ms.get(job_id, now_ms()) + round(1000 * self._settings.pause_s)
        return await self._finish(job_id, attempt, "waiting", result="", reason="", due_ms=due_ms)

    Worker.do = noted  # type: ignore[method-assign]
    JobStore.retry = retry  # type: ignore[method-assign]
