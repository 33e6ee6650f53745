"""Builds are reclaimed too early where the worker that was polled has a slow clock.

The heartbeat is written with the clock of the worker that was polled and judged by that of the
build's owner. A few seconds between two machines, and live clients look dead; the other way
round, dead ones look alive. Celery warns of such drift between nodes for the same reason.
"""

from __future__ import annotations

import time

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"WDOG-002"})
PLAYS = ("WDOG-001", "WDOG-004", "WDOG-011")

BEHIND_S = 2.25


class OwnClock(RedisStore):
    """Trusts its machine's clock, which is behind."""

    async def touch(self, job_id: str) -> None:
        """Write the heartbeat with this worker's time."""
        record = await self.record(job_id)
        if record is not None and not record.state.is_over:
            value = f"{time.time() - BEHIND_S:.3f}"
            await self._ask(
                lambda: self.client.set(
                    keys.activity(job_id), value, px=round(self.plan.activity_ttl_s * 1000)
                )
            )


class VariantAssembly(Assembly):
    """Heartbeats from several clocks."""

    redis_store_class = OwnClock
