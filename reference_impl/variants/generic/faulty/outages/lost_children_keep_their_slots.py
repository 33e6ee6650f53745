"""A child that is killed keeps its slot: its job is run again, and its worker runs one less.

As pools do that wait for the word of a process that is gone.
"""

from __future__ import annotations

from reference_impl.generic.children import ParentWorker

SCENARIOS = {"CHAOS-224": frozenset({"OUTG-013"})}


def install() -> None:
    """Wait for it until the worker stops."""
    lost = ParentWorker.lost

    async def waiting(self: ParentWorker, job_id: str, attempt: int) -> None:
        await lost(self, job_id, attempt)
        await self.stopping.wait()

    ParentWorker.lost = waiting  # type: ignore[method-assign]
