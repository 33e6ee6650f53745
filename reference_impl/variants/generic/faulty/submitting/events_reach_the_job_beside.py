"""What a job tells is told of another one that its worker runs, too.

Seen where a job's context is kept in a variable of the module.
"""

from __future__ import annotations

from typing import Any

from reference_impl.generic.store import JobStore
from reference_impl.generic.worker import Worker

FAILS = frozenset({"SUBM-004"})
PLAYS = ()


def install() -> None:
    """Tell it twice."""
    run, tell, running = Worker.run, JobStore.tell, list[str]()

    async def noted(self: Worker, job_id: str, attempt: int) -> None:
        running.append(job_id)
        try:
            await run(self, job_id, attempt)
        finally:
            running.remove(job_id)

    async def mixed(self: JobStore, job_id: str, attempt: int, event: dict[str, Any]) -> bool:
        for other in [one for one in running if one != job_id]:
            await tell(self, other, attempt, event)
        return await tell(self, job_id, attempt, event)

    Worker.run = noted  # type: ignore[method-assign]
    JobStore.tell = mixed  # type: ignore[method-assign]
