"""A worker that starts makes jobs between two runs new ones: they have all their retries again.

Seen where what is found without a worker at a start is submitted anew, as a recovery.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore
from reference_impl.generic.worker import Worker, insisting

SCENARIOS = {"CHAOS-230": frozenset({"OUTG-012"})}


async def forgive(store: JobStore) -> None:
    """Each job that waits is as new."""
    async for key in store.redis.scan_iter(match=store.key("job:", "*")):
        if await store.redis.hget(key, "state") == "waiting":
            await store.redis.hset(key, "attempt", 0)


def install() -> None:
    """Recover too much."""
    work = Worker.work

    async def recovering(self: Worker) -> None:
        await insisting(lambda: forgive(self.store))
        await work(self)

    Worker.work = recovering  # type: ignore[method-assign]
