"""A worker that was told to stop finishes what it runs, cancelled or not.

Seen where the listener for cancels is ended first, before the jobs are.
"""

from __future__ import annotations

import asyncio

from reference_impl.generic.worker import Worker

SCENARIOS = {"CHAOS-232": frozenset({"CANC-017"})}


def install() -> None:
    """Hold on to them."""
    hold = Worker.hold

    async def deaf(self: Worker, job_id: str, attempt: int) -> str:
        told = await hold(self, job_id, attempt)
        if told == "cancelled" and self.stopping.is_set():
            await asyncio.Event().wait()
        return told

    Worker.hold = deaf  # type: ignore[method-assign]
