"""A worker that is stopped gracefully drops its builds without a word (Langflow 1.13, recycled).

Readers elsewhere see a stream that says nothing more.
"""

from __future__ import annotations

from reference_impl.core.events import Closing, EndReason
from reference_impl.core.states import Signal
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"LIFE-004"})
PLAYS = ("LIFE-001", "LIFE-003", "LIFE-004", "LIFE-002", "POLL-001")
SETTINGS = {"REFERENCE_DRAIN_S": "0"}


class SilentDesk(BuildDesk):
    """Marks a job as failed and tells nobody."""

    async def fail(self, job: Job, *, reason: EndReason) -> bool:
        """Halt it; its stream gets nothing more."""
        return await self.stop(job, Closing((), Signal.FAIL, reason.value))


class VariantAssembly(Assembly):
    """Runs builds at it."""

    desk_class = SilentDesk
