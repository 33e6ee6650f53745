"""A failed build that is cancelled afterwards reads as cancelled: its error is gone.

Whether a build is over was asked of the completed ones alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from reference_impl.core.events import cancelled_closing
from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CANCELLED_TEXT, CancelAnswer, Canceller
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Record
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"CANC-007"})
PLAYS = ("CANC-006..008", "POLL-008", "STRM-006")


class LateCanceller(Canceller):
    """Cancels what has not succeeded."""

    async def cancel(self, record: Record) -> CancelAnswer:
        """Cancel, also what has failed."""
        if record.state is not JobState.FAILED:
            return await super().cancel(record)
        assert isinstance(self.store, RedisStore)
        job_id, end = record.job_id, record.written + 1
        (event,) = cancelled_closing(job_id, "user").events
        stream, fields = keys.stream(job_id), ("name", event.name, "body", event.body)
        redo: Callable[..., Awaitable[Any]] = self.store.client.execute_command
        for told in (record.written - 1, record.written):
            await redo("XDEL", stream, f"{told}-0")
        await redo("XADD", stream, f"{end}-0", *fields)
        cancelled = JobState.CANCELLED.value
        await redo("HSET", keys.record(job_id), "state", cancelled, "seq", end)
        return CancelAnswer(True, CANCELLED_TEXT)


class VariantAssembly(Assembly):
    """Cancels with it."""

    canceller_class = LateCanceller
