"""A worker's slot is not given back when its job is cancelled.

Seen where a permit is released behind the work, and a cancel jumps over that.
"""

from __future__ import annotations

from reference_impl.generic.worker import Worker

FAILS = frozenset({"PROM-017"})
PLAYS = ("CANC-002", "CANC-003")


def install() -> None:
    """Hold it until the worker stops."""
    run = Worker.run

    async def holding(self: Worker, job_id: str, attempt: int) -> None:
        await run(self, job_id, attempt)
        if (await self.store.job(job_id)).get("state") == "cancelled":
            await self.stopping.wait()

    Worker.run = holding  # type: ignore[method-assign]
