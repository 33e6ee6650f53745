"""A worker whose connection is refused finishes what it runs, and ends.

As arq 0.28.0 does, which nobody starts again.
"""

from __future__ import annotations

from redis.exceptions import ConnectionError as RedisConnectionError

from reference_impl.generic.store import JobStore
from reference_impl.generic.worker import Worker

SCENARIOS = {"CHAOS-211": frozenset({"OUTG-003", "OUTG-004"})}


def install() -> None:
    """Stop at the first connection that is lost."""
    take_one, promote = Worker.take_one, JobStore.promote
    lost: list[Exception] = []

    async def noticing(self: JobStore) -> None:
        try:
            await promote(self)
        except (RedisConnectionError, ConnectionError) as error:
            lost.append(error)
            raise

    async def unless_lost(self: Worker) -> None:
        if lost:
            self.stopping.set()
        else:
            await take_one(self)

    JobStore.promote = noticing  # type: ignore[method-assign]
    Worker.take_one = unless_lost  # type: ignore[method-assign]
