"""After a build that was cancelled in its start no build begins any more, on any worker.

Builds take turns to begin, by a lock that all workers share: a row of the database, a key. A build
that is cancelled while it holds the lock never gives it back, and everybody's builds are accepted
and wait. Seen from outside, everything fails at once from some moment on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.runner import BuildRunner
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"CANC-022", "SUBM-009"})
PLAYS = ("CANC-004", "POLL-001", "STRM-001", "SUBM-001")
LOCK = "variant:beginning"
BEGINS_IN_S = 0.3
TICK_S = 0.1


class TurnTaking(BuildRunner):
    """Begins one build at a time."""

    store: RedisStore

    async def run(self, job: Job, graph: Mapping[str, Any]) -> None:
        """Wait for the lock, hold it while the build begins, give it back."""
        while True:
            if await self.store.client.set(LOCK, job.id, nx=True):
                break
            await asyncio.sleep(TICK_S)
        await asyncio.sleep(BEGINS_IN_S)
        await self.store.client.delete(LOCK)
        await super().run(job, graph)


class VariantAssembly(Assembly):
    """Runs builds in turn."""

    runner_class = TurnTaking

    @cached_property
    def runner(self) -> BuildRunner:
        """A runner that knows where the lock is."""
        made = super().runner
        assert isinstance(made, TurnTaking)
        assert self.redis_store is not None
        made.store = self.redis_store
        return made
