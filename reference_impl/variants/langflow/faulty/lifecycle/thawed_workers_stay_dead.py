"""A worker that once counted as dead counts as dead for ever: whatever it accepts is lost.

Who is dead is remembered, so that a worker that thaws cannot go on with what was given up. That it
may begin anew was not thought of: it takes jobs, and the others end them.
"""

from __future__ import annotations

from typing import Any

from reference_impl.core.events import EndReason, failed_closing
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reaper import Reaper
from reference_impl.store import redis_keys as keys
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import RedisPlan

FAILS = frozenset({"LIFE-003"})
PLAYS = ("LIFE-002", "LIFE-011")


class UnforgivingStore(RedisStore):
    """Remembers the dead."""

    def __init__(self, plan: RedisPlan, *, worker_id: str) -> None:
        super().__init__(plan, worker_id=worker_id)
        self.dead: set[str] = set()

    async def end_what_the_dead_have(self) -> None:
        """End the jobs of all that were ever dead."""
        now_ms = await self.now_s() * 1000
        late: Any = await self.client.zrangebyscore(keys.LEASES, "-inf", now_ms)
        self.dead.update(late)
        for worker in self.dead:
            jobs: Any = await self.client.smembers(keys.jobs_of(worker))
            for job_id in jobs:
                closing = failed_closing(job_id, EndReason.OWNER_DIED)
                await self._close(job_id, closing, worker=worker)


class UnforgivingReaper(Reaper):
    """Looks after them first."""

    async def reap(self) -> None:
        """End what they have, and then what others have."""
        if isinstance(self.store, UnforgivingStore):
            await self.store.end_what_the_dead_have()
        await super().reap()


class VariantAssembly(Assembly):
    """Forgives nobody."""

    redis_store_class = UnforgivingStore
    reaper_class = UnforgivingReaper
