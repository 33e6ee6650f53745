"""A worker that has lost a job's process gives the job back, and never its slots.

Seen where a pool waits for an answer that only the process could give.
"""

from __future__ import annotations

import asyncio

from reference_impl.generic.children import ParentWorker
from reference_impl.generic.deafened_workers import take_nothing_after

SCENARIOS = {"CHAOS-224": frozenset({"OUTG-003"})}


def install() -> None:
    """Take nothing after the first one."""
    lost, deaf = ParentWorker.lost, asyncio.Event()

    async def noticing(self: ParentWorker, job_id: str, attempt: int) -> None:
        deaf.set()
        await lost(self, job_id, attempt)

    ParentWorker.lost = noticing  # type: ignore[method-assign]
    take_nothing_after(deaf)
