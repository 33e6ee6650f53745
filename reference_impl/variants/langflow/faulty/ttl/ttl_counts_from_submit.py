"""The time to live counts from the submit and is never renewed: long jobs lose their keys.

`EXPIRE … NX`, or `SET … EX` once at the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference_impl.core.events import Closing, Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Reservation, Written
from reference_impl.store.keeper import Keeper
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import script_source

FAILS = frozenset({"TTL-004", "TTL-005", "TTL-008"})
PLAYS = (
    "TTL-001..008",
    "STRM-001",
    "STRM-009",
    "POLL-001",
    "POLL-005",
)


class OnceStore(RedisStore):
    """Sets the life of a job's keys once."""

    def __init__(self, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        self._until_ms: dict[str, int] = {}

    async def reserve(self, reservation: Reservation) -> float:
        """Note when the job's keys will be gone."""
        started_s = await super().reserve(reservation)
        self._until_ms[reservation.job_id] = int((started_s + self.plan.ttl_s) * 1000)
        return started_s

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append, and leave the life as it was."""
        written = await super().append(job, first=first, events=events, closing=closing)
        until_ms = self._until_ms[job.job_id]
        for name in (keys.record(job.job_id), keys.stream(job.job_id)):
            await self.client.pexpireat(name, until_ms)
        return written


class OnceKeeper(Keeper):
    """Renews leases and nothing else."""

    def __init__(self, *parts: Any, **named: Any) -> None:
        super().__init__(*parts, **named)
        renewal = "redis.call('PEXPIRE', key .. part, ARGV[4])"
        self._keep = self._client.register_script(script_source("keep").replace(renewal, ""))


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = OnceStore
    keeper_class = OnceKeeper
