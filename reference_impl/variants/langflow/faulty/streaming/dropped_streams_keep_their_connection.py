"""Every stream that its client drops keeps a connection to Redis, and a worker has twelve of them.

The connection is given back where a stream ends, and a dropped one does not end. After a dozen
closed tabs the worker's streams are refused until it is restarted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cached_property

from reference_impl.core.events import EndReason, Event, failed_closing
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Record

FAILS = frozenset({"STRM-002"})
PLAYS = ("CANC-010",)
MOST = 12


class LeakingCanceller(Canceller):
    """Counts what is lost."""

    lost = 0

    def client_left(self, record: Record) -> None:
        """Cancel; the connection stays where it is."""
        super().client_left(record)
        self.lost += 1


class PooledReader(StreamReader):
    """Needs a connection."""

    canceller: LeakingCanceller

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """Everything, as long as there is a connection."""
        if self.canceller.lost >= MOST:
            for event in failed_closing(job_id, EndReason.OUTAGE).events:
                yield event
            return
        async for event in super().events(job_id):
            yield event


class VariantAssembly(Assembly):
    """With a small pool."""

    canceller_class = LeakingCanceller

    @cached_property
    def reader(self) -> StreamReader:
        """Reading as a stream, from the pool."""
        reader = PooledReader(
            store=self.store,
            attention=self.attention,
            lifecycle=self.lifecycle,
            grace_s=self.settings.startup_grace_s,
            patience_s=self.settings.outage_patience_s,
        )
        assert isinstance(self.canceller, LeakingCanceller)
        reader.canceller = self.canceller
        return reader
