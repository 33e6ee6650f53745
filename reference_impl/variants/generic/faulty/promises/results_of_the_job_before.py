"""A worker writes down the result of the job that it ran before.

Seen where a result is kept in a variable that outlives its job.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-001"})
PLAYS = ("PROM-002", "STAT-001")
_before = [""]


def install() -> None:
    """Be one result behind."""
    finish = JobStore.finish

    async def behind(self: JobStore, job_id: str, attempt: int, state: str, **told: Any) -> bool:
        _before.append(told.pop("result", ""))
        return await finish(self, job_id, attempt, state, result=_before[-2], **told)

    JobStore.finish = behind  # type: ignore[method-assign]
