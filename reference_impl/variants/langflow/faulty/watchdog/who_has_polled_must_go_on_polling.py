"""A build that was polled once is judged by its polls alone: a client that turns to the stream
loses it.

The first poll marks the build as a polling one, and the watchdog looks after those; a stream is
taken for a sign of life where no poll came before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

from reference_impl.core.events import Event, failed_closing
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import Ended, StreamReader
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import View
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import REDIS_ERRORS

FAILS = frozenset({"WDOG-006"})
PLAYS = ("POLL-012", "WDOG-004", "WDOG-006")
MARK = "delivery"


class MarkingStore(RedisStore):
    """Remembers who was polled."""

    async def take(self, job_id: str, *, token: str) -> View | None:
        """A poll, and its mark."""
        view = await super().take(job_id, token=token)
        if view is not None:
            with suppress(*REDIS_ERRORS):
                await self.client.hset(keys.record(job_id), MARK, "polling")
        return view

    async def was_polled(self, job_id: str) -> bool:
        """Whether the mark is there."""
        with suppress(*REDIS_ERRORS):
            return await self.client.hget(keys.record(job_id), MARK) is not None
        return False


class UnattendedReader(StreamReader):
    """Says nothing of a build that was polled."""

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """The same events."""
        if not (isinstance(self.store, MarkingStore) and await self.store.was_polled(job_id)):
            async for event in super().events(job_id):
                yield event
            return
        try:
            async for entry in self.entries(job_id):
                yield entry.event
        except Ended as ended:
            for event in failed_closing(job_id, ended.reason).events:
                yield event


class VariantAssembly(Assembly):
    """Reads so."""

    redis_store_class = MarkingStore
    reader_class = UnattendedReader
