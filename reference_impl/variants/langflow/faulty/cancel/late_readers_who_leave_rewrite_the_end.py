"""A reader of a finished job who leaves before the last event turns it into a cancelled one.

A dropped stream cancels its build; whether there is a build left to cancel nobody asks.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from reference_impl.core.events import EndReason, cancelled_closing
from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Record
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import REDIS_ERRORS
from reference_impl.store.redis_replies import flat

FAILS = frozenset({"CANC-007"})
PLAYS = ("CANC-007", "CANC-010..011", "STRM-009")


class HastyCanceller(Canceller):
    """Writes down what was cancelled, in the place of its end."""

    def client_left(self, record: Record) -> None:
        """Cancel, whatever there is."""
        super().client_left(record)
        if record.state.is_over:
            self.background.spawn(self._rewrite(record))

    async def _rewrite(self, record: Record) -> None:
        assert isinstance(self.store, RedisStore)
        job_id, reason = record.job_id, EndReason.DISCONNECT.value
        client, at = self.store.client, record.written + 1
        name, body = flat(cancelled_closing(job_id, reason).events)
        with suppress(*REDIS_ERRORS):
            await client.xdel(keys.stream(job_id), f"{record.written}-0")
            await client.xadd(keys.stream(job_id), {"name": name, "body": body}, id=f"{at}-0")
            ended: Any = {"seq": at, "state": JobState.CANCELLED.value, "reason": reason}
            await client.hset(keys.record(job_id), mapping=ended)


class VariantAssembly(Assembly):
    """Cancels by it."""

    canceller_class = HastyCanceller
