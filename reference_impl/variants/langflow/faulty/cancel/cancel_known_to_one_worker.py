"""A cancel works on the worker that runs the build and is success and no more on every other.

The in-memory job table behind several workers: Langflow before its shared queue
(langflow-ai/langflow #7579). The worker that was asked finds no task, and finds that good.
"""

from __future__ import annotations

from reference_impl.core.states import JobState
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import Canceller
from reference_impl.store.base import Record

FAILS = frozenset(
    {
        *("CANC-003", "CANC-004", "CANC-005", "CANC-011", "CANC-012", "CANC-015", "CANC-017"),
        # The stream of a build that goes on does not end as a cancelled one.
        "STRM-007",
    }
)
PLAYS = ("CANC-001", "CANC-002", "CANC-006", "CANC-010")


class LocalCanceller(Canceller):
    """Looks among its own worker's builds and nowhere else."""

    async def signal(self, record: Record, *, reason: str) -> bool:
        """Cancel what is here; what is not here must be gone."""
        job = self.desk.owned(record.job_id)
        if job is not None:
            await self.desk.cancel(job, reason=reason)
        return True

    async def outcome(self, record: Record) -> JobState:
        """What else could it be."""
        return JobState.CANCELLED


class VariantAssembly(Assembly):
    """Cancels do not cross workers."""

    canceller_class = LocalCanceller
