"""A cancel ends the job in the books while its component works on.

Celery's ``revoke`` without ``terminate``, as Flower sent it (mher/flower #254): the task is
listed as revoked, its readers are told, and its side effects go on to the end.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job

FAILS = frozenset(
    {
        "CANC-002",
        "CANC-003",
        "CANC-004",
        "CANC-006",
        "CANC-010",
        "CANC-011",
        "CANC-015",
        "CANC-017",
        "WDOG-001",
    }
)
PLAYS = ("CANC-001", "CANC-005", "CANC-007", "CANC-012", "CANC-016")


class BookkeepingDesk(BuildDesk):
    """Knows how to silence a component, not how to stop it."""

    async def halt(self, job: Job) -> None:
        """Nobody hears the component any more; it does not hear of that."""
        job.muted = True


class VariantAssembly(Assembly):
    """Builds outlive their cancels."""

    desk_class = BookkeepingDesk
