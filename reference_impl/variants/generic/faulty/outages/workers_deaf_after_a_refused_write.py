"""A worker whose write was refused since Redis is full is up, and takes no more jobs.

Seen where an error that a server answers is taken for one of the program's own.
"""

from __future__ import annotations

import asyncio

from redis.exceptions import OutOfMemoryError

from reference_impl.generic.deafened_workers import take_nothing_after
from reference_impl.generic.store import JobStore

SCENARIOS = {"CHAOS-216": frozenset({"OUTG-003", "OUTG-004"})}


def install() -> None:
    """Take nothing after the first lease that could not be renewed."""
    renew, deaf = JobStore.renew, asyncio.Event()

    async def noticing(self: JobStore, job_id: str, attempt: int) -> str:
        try:
            return await renew(self, job_id, attempt)
        except OutOfMemoryError:
            deaf.set()
            raise

    JobStore.renew = noticing  # type: ignore[method-assign]
    take_nothing_after(deaf)
