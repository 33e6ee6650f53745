"""A write whose acknowledgement came late is repeated and lands twice (a retried XADD).

The client library repeats on a timeout; the server had done it the first time.
"""

from __future__ import annotations

from collections.abc import Sequence

from reference_impl.core.events import Closing, Event
from reference_impl.langflow.assembly import Assembly
from reference_impl.store.base import Reservation, Written
from reference_impl.store.redis import RedisStore

FAILS = frozenset(
    {
        *("POLL-002", "POLL-003", "POLL-011", "STRM-001", "STRM-002", "STRM-003", "STRM-004"),
        *("STRM-008", "STRM-009", "SUBM-004", "TTL-004", "TTL-005", "TTL-007"),
    }
)
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class RepeatingStore(RedisStore):
    """Writes everything but the end twice, at the next free positions."""

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """The position that would tell a repetition is not used."""
        record = await self.record(job.job_id)
        behind = 1 if record is None else record.written + 1
        last = len(events) - len(closing.events) if closing else len(events)
        twice = [*events[:last], *events[:last], *events[last:]]
        return await super().append(job, first=behind, events=twice, closing=closing)


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = RepeatingStore
