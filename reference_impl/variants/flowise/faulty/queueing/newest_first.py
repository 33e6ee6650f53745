"""Of the jobs that wait the newest is begun first (``lifo``), and the oldest may wait for ever."""

from __future__ import annotations

from typing import Any

from reference_impl.flowise.queue import PredictionQueue

FAILS = frozenset({"QUEU-010"})
PLAYS = ("PRED-001",)


async def _on_top(self: PredictionQueue, job_id: str, data: dict[str, Any]) -> None:
    kept = self.settings.keep_jobs
    options: Any = {"jobId": job_id, "lifo": True, "removeOnComplete": kept, "removeOnFail": kept}
    await self.queue.add(job_id, data, options)


def install() -> None:
    """Put it on top."""
    PredictionQueue.add = _on_top  # type: ignore[method-assign]
