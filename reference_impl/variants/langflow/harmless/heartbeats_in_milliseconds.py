"""Heartbeats are kept as whole milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Activities, Activity
from reference_impl.store.redis import RedisStore

PLAYS = ("TTL-001..002", "WDOG-001..002", "WDOG-004..006")


class Milliseconds(RedisStore):
    """Writes and reads them."""

    async def touch(self, job_id: str) -> None:
        """Write the heartbeat, in milliseconds."""
        await super().touch(job_id)
        name = keys.activity(job_id)
        value = await self._ask(lambda: self.client.get(name))
        if value and "." in value:
            whole = str(round(float(value) * 1000))
            await self._ask(lambda: self.client.set(name, whole, keepttl=True, xx=True))

    async def activities(self, job_ids: Sequence[str]) -> Activities:
        """Read heartbeats, in seconds."""
        seen = await super().activities(job_ids)
        return replace(seen, by_job={name: _in_seconds(it) for name, it in seen.by_job.items()})


def _in_seconds(heartbeat: Activity) -> Activity:
    text = heartbeat.value or ""
    return Activity(f"{int(text) / 1000:.3f}") if text.isdigit() and len(text) > 11 else heartbeat


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = Milliseconds
