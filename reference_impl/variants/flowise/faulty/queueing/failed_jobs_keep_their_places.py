"""A worker's place is not given back when its flow fails: after as many failures it takes nothing.

The release stands behind the happy path. At the default of ten thousand places nobody notices for
weeks; a worker of one job at a time does at once.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bullmq.job import Job

from reference_impl.flowise.job_runner import JobRunner

FAILS = frozenset({"QUEU-004"})
PLAYS = ("PRED-001", "PRED-004", "QUEU-011")

_settle = JobRunner._settle


async def _settled_and_kept(
    self: JobRunner, job: Job, token: str, *, error: str | None = None, **told: Any
) -> None:
    await _settle(self, job, token, error=error, **told)
    if error is not None:
        await asyncio.Event().wait()


def install() -> None:
    """Hold it until the worker stops."""
    JobRunner._settle = _settled_and_kept  # type: ignore[method-assign]
