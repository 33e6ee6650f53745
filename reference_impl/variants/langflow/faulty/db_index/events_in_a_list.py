"""Events lie in a list under the job's name; a stream there is not one that anybody could find.

``RPUSH`` was there first. Tools that follow the documented streams (``XRANGE``, ``XINFO``) find
nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from reference_impl.core.events import Closing, Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Reservation, Written
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"DBIX-007"})
PLAYS = ("DBIX-001",)


class ListStore(RedisStore):
    """Pushes events."""

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append to the list, where clients of Redis look."""
        if events:
            name = f"{keys.JOB_PREFIX}{job.job_id}:events"
            await self.client.rpush(name, *(event.body for event in events))
            await self.client.expire(name, self.plan.ttl_s)
        return await super().append(job, first=first, events=events, closing=closing)


class VariantAssembly(Assembly):
    """Keeps events in it."""

    redis_store_class = ListStore


def install() -> None:
    """What the reference itself reads is elsewhere."""

    def hidden(job_id: str) -> str:
        return "lfq:hidden:" + hashlib.sha1(job_id.encode(), usedforsecurity=False).hexdigest()

    keys.stream = hidden
