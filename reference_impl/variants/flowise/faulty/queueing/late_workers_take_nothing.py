"""A worker that comes when jobs have been run already is not on the list, and takes none."""

from __future__ import annotations

import asyncio
import time

from bullmq.job import Job

from reference_impl.flowise.job_runner import JobRunner
from reference_impl.flowise.taker import Taker

FAILS = frozenset({"QUEU-005"})
SCENARIOS = {"CHAOS-101": frozenset({"RESI-007"})}
PLAYS = ("PRED-001",)

LOOK_EVERY_S = 0.5
_run_job, _run = JobRunner.run, Taker.run


async def _closing(self: JobRunner, job: Job, token: str) -> None:
    await self.client.set(_mark(self), "1")
    await _run_job(self, job, token)


async def _if_listed(self: Taker) -> None:
    if await self._runner.client.exists(_mark(self._runner)):
        self._ended.set()
        while True:
            self.took_s = time.monotonic()
            await asyncio.sleep(LOOK_EVERY_S)
    await _run(self)


def _mark(runner: JobRunner) -> str:
    return f"flowise:{runner.settings.prediction_queue}:list-closed"


def install() -> None:
    """Close the list with the first job."""
    JobRunner.run = _closing  # type: ignore[method-assign]
    Taker.run = _if_listed  # type: ignore[method-assign]
