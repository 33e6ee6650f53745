"""What a build said before it was cancelled is thrown away with it: its end alone is kept.

"Nobody reads a cancelled job" — but for those who want to know how far it came.
"""

from __future__ import annotations

from collections.abc import Sequence

from reference_impl.core.events import Closing, Event
from reference_impl.core.states import Signal
from reference_impl.langflow.assembly import Assembly
from reference_impl.store import redis_keys as keys
from reference_impl.store.base import Reservation, Written
from reference_impl.store.redis import RedisStore

FAILS = frozenset({"STRM-009"})
PLAYS = ("STRM-001..017", "POLL-009", "POLL-015", "CANC-005..007")


class TidyStore(RedisStore):
    """Keeps what may be wanted."""

    async def append(
        self, job: Reservation, *, first: int, events: Sequence[Event], closing: Closing | None
    ) -> Written:
        """Append; of what was cancelled the last event is kept."""
        written = await super().append(job, first=first, events=events, closing=closing)
        if closing is not None and closing.signal is Signal.CANCEL:
            await self.client.xtrim(keys.stream(job.job_id), maxlen=1, approximate=False)
        return written


class VariantAssembly(Assembly):
    """Keeps jobs in it."""

    redis_store_class = TidyStore
