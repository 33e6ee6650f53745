"""A failed build's stream has two ends: the one that tells of the failure, and the usual one.

The failure is reported where it happens, and the ``finally`` at the end of every build reports
its end as well.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from reference_impl.core.events import Event, end_event
from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.reader import StreamReader

FAILS = frozenset({"STRM-015"})
PLAYS = ("STRM-006", "STRM-015", "STRM-017")


class Thorough(StreamReader):
    """Ends what has ended."""

    async def events(self, job_id: str) -> AsyncIterator[Event]:
        """Everything, and after a failure an end."""
        failed = False
        async for event in super().events(job_id):
            yield event
            failed = failed or event.name == "error"
        if failed:
            yield end_event(state=JobState.COMPLETED, duration_s=0.0)


class VariantAssembly(Assembly):
    """Streams through it."""

    reader_class = Thorough
