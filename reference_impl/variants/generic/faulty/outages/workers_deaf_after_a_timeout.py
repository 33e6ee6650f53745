"""A worker to whom a command was not answered in time is up, and takes no more jobs.

Seen where a half-open connection ends a consumer's loop, and the process goes on.
"""

from __future__ import annotations

import asyncio
from typing import Any

from redis.exceptions import TimeoutError as RedisTimeoutError

from reference_impl.generic.deafened_workers import take_nothing_after
from reference_impl.generic.store import JobStore

SCENARIOS = {"CHAOS-207": frozenset({"OUTG-003"})}


def install() -> None:
    """Take nothing after the first timeout."""
    run, deaf = JobStore._run, asyncio.Event()

    async def noticing(self: JobStore, name: str, keys: list[str], *words: Any) -> Any:
        try:
            return await run(self, name, keys, *words)
        except (RedisTimeoutError, TimeoutError):
            deaf.set()
            raise

    JobStore._run = noticing  # type: ignore[method-assign]
    take_nothing_after(deaf)
