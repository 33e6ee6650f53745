"""A client that reads a stream on another worker than its build's is reclaimed as if it had left.

The heartbeat of a stream is written by the job's own queue, which only its owner has.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cached_property

from reference_impl.core.events import Event, failed_closing
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.reader import Ended, StreamReader

FAILS = frozenset({"WDOG-006"})
PLAYS = ("WDOG-004..006",)


class HomeReader(StreamReader):
    """Watches over builds of its own worker."""

    desk: BuildDesk

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """Everything; a build that runs elsewhere gets no heartbeat."""
        if self.desk.owned(job_id) is not None:
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
    """Streams through it."""

    @cached_property
    def reader(self) -> StreamReader:
        """Reading as a stream, with the desk in reach."""
        reader = HomeReader(
            store=self.store,
            attention=self.attention,
            lifecycle=self.lifecycle,
            grace_s=self.settings.startup_grace_s,
            patience_s=self.settings.outage_patience_s,
        )
        reader.desk = self.desk
        return reader
