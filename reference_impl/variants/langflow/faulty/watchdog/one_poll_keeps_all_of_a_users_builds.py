"""A user who reads one build keeps all of theirs alive: presence is kept by user, not by build.

What is abandoned holds its worker for as long as the user has another window open.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.jobs import Job
from reference_impl.langflow.watchdog import Watchdog
from reference_impl.store.base import Activity
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import REDIS_ERRORS

FAILS = frozenset({"WDOG-001"})
PLAYS = ("WDOG-001..004", "WDOG-011")


class PresenceStore(RedisStore):
    """Knows which users are there."""

    async def touch(self, job_id: str) -> None:
        """The job's heartbeat, and its user's."""
        await super().touch(job_id)
        record = await self.record(job_id)
        if record is not None and not record.state.is_over:
            key, life_s = _presence(record.user_id), self.plan.activity_ttl_s
            await self._ask(lambda: self.client.set(key, f"{time.time():.3f}", ex=life_s))

    async def present(self, user_id: str) -> str | None:
        """When the user was last seen."""
        with suppress(*REDIS_ERRORS):
            seen = await self.client.get(_presence(user_id))
            return None if seen is None else str(seen)
        return None


class PoliteWatchdog(Watchdog):
    """Does not disturb who is there."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.seen: dict[str, str | None] = {}

    async def scan(self) -> None:
        """Look for users first."""
        users = {job.reservation.user_id for job in self.desk.jobs.values()}
        if isinstance(self.store, PresenceStore):
            self.seen = {user: await self.store.present(user) for user in users}
        await super().scan()

    def consider(self, job: Job, activity: Activity, *, now_s: float) -> None:
        """Judge by the later of the two heartbeats."""
        seen = self.seen.get(job.reservation.user_id)
        if seen and not activity.error:
            with suppress(TypeError, ValueError):
                activity = Activity(max(activity.value or "", seen, key=float))
        super().consider(job, activity, now_s=now_s)


def _presence(user_id: str) -> str:
    return f"lfq:user:{user_id}:seen"


class VariantAssembly(Assembly):
    """Watched so."""

    redis_store_class = PresenceStore
    watchdog_class = PoliteWatchdog
