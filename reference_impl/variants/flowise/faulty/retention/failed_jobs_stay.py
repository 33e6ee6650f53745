"""REMOVE_ON_COUNT holds for jobs that completed: those that failed stay for ever.

``removeOnComplete`` was set, ``removeOnFail`` was forgotten: a flow with a broken key in it fills
Redis overnight.
"""

from __future__ import annotations

from typing import Any

from reference_impl.flowise.queue import PredictionQueue

FAILS = frozenset({"RETN-002"})
PLAYS = ("RETN-001", "PRED-004")


async def _added(self: PredictionQueue, job_id: str, data: dict[str, Any]) -> None:
    kept = self.settings.keep_jobs
    options: Any = {"jobId": job_id, "removeOnComplete": kept, "removeOnFail": False}
    await self.queue.add(job_id, data, options)


def install() -> None:
    """Add jobs so."""
    PredictionQueue.add = _added  # type: ignore[method-assign]
