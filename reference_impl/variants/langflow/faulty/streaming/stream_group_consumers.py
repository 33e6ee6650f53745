"""All streams of one job are consumers of one group, so that each event reaches only one of them.

XREADGROUP where XREAD was meant: load is shared out when everybody should be told.
"""

from __future__ import annotations

import asyncio

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Entry
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"STRM-003", "STRM-004", "STRM-008", "STRM-009", "TTL-004", "TTL-007"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class GroupReader(StreamReader):
    """Claims each event before it delivers it, except the end."""

    async def _more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        found = await super()._more(job_id, after=after, arrived=arrived)
        own = [await self._is_ours(job_id, entry) for entry in found]
        if found and not any(own):
            await asyncio.sleep(0)
        return tuple(
            entry for entry, ours in zip(found, own, strict=True) if ours
        ) or await self._beyond(job_id, found, arrived)

    async def _beyond(
        self, job_id: str, found: tuple[Entry, ...], arrived: float
    ) -> tuple[Entry, ...]:
        if not found:
            return ()
        return await self._more(job_id, after=found[-1].position, arrived=arrived)

    async def _is_ours(self, job_id: str, entry: Entry) -> bool:
        assert isinstance(self.store, RedisStore)
        if entry.event.is_terminal:
            return True
        name = f"{keys.stream(job_id)}:group"
        first = await self.store.client.sadd(name, entry.position)
        await self.store.client.expire(name, self.store.plan.ttl_s)
        return bool(first)


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = GroupReader
