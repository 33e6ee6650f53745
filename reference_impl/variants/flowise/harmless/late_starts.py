"""Workers take half a second before a job begins, as cold ones do."""

from __future__ import annotations

import asyncio

from bullmq.job import Job

from reference_impl.flowise.job_runner import JobRunner

COLD_S = 0.5
_run = JobRunner.run


async def _run_late(self: JobRunner, job: Job, token: str) -> None:
    await asyncio.sleep(COLD_S)
    await _run(self, job, token)


def install() -> None:
    """Warm up first."""
    JobRunner.run = _run_late  # type: ignore[method-assign]
