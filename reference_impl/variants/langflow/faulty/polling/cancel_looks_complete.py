"""A cancelled build ends with an ordinary `end` (Langflow 1.13: unmarked).

Its reader cannot tell a cancelled job from a finished one.
"""

from __future__ import annotations

from reference_impl.core.events import Closing, make_event
from reference_impl.core.states import Signal
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"POLL-009", "STRM-007", "WDOG-008"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class UnmarkingDesk(BuildDesk):
    """Ends a cancelled job as any other."""

    async def cancel(self, job: Job, *, reason: str) -> bool:
        """Stop it; the stream ends with `end`."""
        event = make_event("end", {"build_duration": 0.0})
        return await self.stop(job, Closing((event,), Signal.CANCEL, reason))


class VariantAssembly(Assembly):
    """Runs builds at it."""

    desk_class = UnmarkingDesk
