"""A client that reads a stream is reclaimed as if it had left.

The watchdog was made for polling, and the stream's endpoint writes no heartbeat: a connected
reader of a build that thinks for longer than the threshold loses it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.core.events import Event, failed_closing
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import Ended, StreamReader

FAILS = frozenset({"WDOG-006"})
PLAYS = ("WDOG-001", "WDOG-002", "WDOG-004", "WDOG-005")


class Unattended(StreamReader):
    """Reads without saying that somebody does."""

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """Yield every event; write no heartbeat."""
        try:
            async for entry in self.entries(job_id):
                yield entry.event
        except Ended as ended:
            for event in failed_closing(job_id, ended.reason).events:
                yield event


class VariantAssembly(Assembly):
    """Streams do not count."""

    reader_class = Unattended
