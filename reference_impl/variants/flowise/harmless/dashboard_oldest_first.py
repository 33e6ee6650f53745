"""The dashboard shows the oldest jobs first."""

from __future__ import annotations

from typing import Any

from reference_impl.flowise.queue import PredictionQueue

PLAYS = ("DASH-001", "DASH-006")


async def _oldest(self: PredictionQueue, statuses: list[str], *, start: int, count: int) -> Any:
    found: list[Any] = []
    for status in statuses:
        jobs = await self.queue.getJobs([status], 0, -1, True)
        found += [(status, job) for job in jobs]
    found.sort(key=lambda item: item[1].timestamp)
    return found[start : start + count]


def install() -> None:
    """Turn it round."""
    PredictionQueue.jobs = _oldest  # type: ignore[method-assign]
