"""The grace is counted from the submit: a reader that comes later has only the rest of it.

Whoever opens a job's stream after the grace, while it still starts, is told the end at once.
"""

from __future__ import annotations

import time

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Entry
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"GRACE-003"})
PLAYS = ("GRACE-001", "GRACE-007..008")


class AgeingReader(StreamReader):
    """Waits as long as the job has not waited."""

    async def _more(self, job_id: str, *, after: int, arrived: float) -> tuple[Entry, ...]:
        assert isinstance(self.store, RedisStore)
        store = self.store
        ages: dict[str, float] = self.__dict__.setdefault("ages", {})
        if job_id not in ages:
            started = await store.client.hget(keys.record(job_id), "started")
            now_s = await store.now_s()
            ages[job_id] = time.monotonic() - (now_s - int(started or 0) / 1000)
        return await super()._more(job_id, after=after, arrived=ages[job_id])


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = AgeingReader
