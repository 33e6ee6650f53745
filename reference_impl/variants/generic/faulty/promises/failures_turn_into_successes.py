"""What is told of a failed job changes after a while: a clean-up takes it for finished.

Seen where a sweeper moves whatever has ended to one list, and the list is the state.
"""

from __future__ import annotations

import asyncio
from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-002"})
PLAYS = ("PROM-001",)
_AFTER_S = 0.8
_sweeping: set[asyncio.Task[None]] = set()


def install() -> None:
    """Sweep failed jobs after a while."""
    finish = JobStore.finish

    async def swept(self: JobStore, job_id: str, attempt: int, state: str, **told: Any) -> bool:
        done = await finish(self, job_id, attempt, state, **told)
        if state == "failed":
            task = asyncio.create_task(_overwrite(self, job_id))
            _sweeping.add(task)
            task.add_done_callback(_sweeping.discard)
        return done

    JobStore.finish = swept  # type: ignore[method-assign]


async def _overwrite(store: JobStore, job_id: str) -> None:
    await asyncio.sleep(_AFTER_S)
    await store.redis.hset(f"job:{job_id}", "state", "finished")
