"""A worker whose clock is two minutes slow gets the builds of its clients killed.

It writes their heartbeats with its own time, and owners judge them by Redis's: what was written
this moment is two minutes old. Undisturbed clocks agree, so no quiet test can show it.
"""

from __future__ import annotations

import time

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.redis import RedisStore

SCENARIOS = {"CHAOS-047": frozenset({"RESI-004", "RESI-006"})}


class OwnClock(RedisStore):
    """Trusts its machine."""

    async def touch(self, job_id: str) -> None:
        """Write the heartbeat with this machine's time."""
        record = await self.record(job_id)
        if record is not None and not record.state.is_over:
            name, ttl_ms = keys.activity(job_id), round(self.plan.activity_ttl_s * 1000)
            await self._ask(lambda: self.client.set(name, f"{time.time():.3f}", px=ttl_ms))


class VariantAssembly(Assembly):
    """Keeps heartbeats in it."""

    redis_store_class = OwnClock
