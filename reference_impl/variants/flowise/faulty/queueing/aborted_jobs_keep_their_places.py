"""A worker's place is not given back when its job is aborted: soon it takes nothing any more.

Seen where what an abort throws passes by the release.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bullmq.job import Job

from reference_impl.flowise.execution import CANCELLED
from reference_impl.flowise.job_runner import JobRunner

FAILS = frozenset({"QUEU-004"})
PLAYS = ("PRED-001", "ABRT-003", "QUEU-011")

_settle = JobRunner._settle


async def _settled_and_kept(
    self: JobRunner, job: Job, token: str, *, error: str | None = None, **told: Any
) -> None:
    await _settle(self, job, token, error=error, **told)
    if error == CANCELLED:
        await asyncio.Event().wait()


def install() -> None:
    """Hold it until the worker stops."""
    JobRunner._settle = _settled_and_kept  # type: ignore[method-assign]
