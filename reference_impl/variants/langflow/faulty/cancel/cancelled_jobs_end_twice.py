"""A cancelled job's stream says cancelled, and then end, as after a success.

The cleanup that follows every job writes its closing event whatever was written before. Clients
that go by the last event take the cancelled job for a completed one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.core import events
from reference_impl.core.events import Closing, end_event
from reference_impl.core.states import JobState, Signal
from reference_impl.langflow import desk
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader
from reference_impl.store.base import Entry

FAILS = frozenset({"CANC-006", "POLL-009", "STRM-015"})
PLAYS = ("POLL-009",)


class ThoroughReader(StreamReader):
    """Reads on behind a cancel."""

    async def entries(self, job_id: str) -> AsyncIterator[Entry]:
        """Everything that is there."""
        async for entry in super().entries(job_id):
            yield entry
            if entry.event.name == "cancelled":
                view = await self.store.read(job_id, after=entry.position)
                for behind in view.entries if view else ():
                    yield behind


class VariantAssembly(Assembly):
    """Reads through it."""

    reader_class = ThoroughReader


def install() -> None:
    """Every cancelled closing gets an end behind it."""
    cancelled = events.cancelled_closing

    def twice(job_id: str, reason: str) -> Closing:
        closing = cancelled(job_id, reason)
        end = end_event(state=JobState.COMPLETED, duration_s=0.0)
        return Closing((*closing.events, end), Signal.CANCEL, reason)

    desk.cancelled_closing = twice  # type: ignore[attr-defined]  # where it is looked up
