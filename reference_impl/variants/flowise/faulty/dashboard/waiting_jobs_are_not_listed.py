"""The dashboard counts the jobs that wait, and lists none of them."""

from __future__ import annotations

from bullmq.job import Job

from reference_impl.flowise.queue import PredictionQueue

FAILS = frozenset({"DASH-002"})
PLAYS = ("DASH-001", "DASH-006")


def install() -> None:
    """List the others."""
    jobs = PredictionQueue.jobs

    async def others(
        self: PredictionQueue, statuses: list[str], *, start: int, count: int
    ) -> list[tuple[str, Job]]:
        kept = [status for status in statuses if status != "waiting"]
        return await jobs(self, kept, start=start, count=count)

    PredictionQueue.jobs = others  # type: ignore[method-assign]
