"""A cancel stops every build its user has on the worker.

Tasks were kept by user, one each, until users began to run two builds at a time. The dictionary
became a dictionary of lists; the cancel loops over the list.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"CANC-016"})
# Beside other cases it would stop their builds too.
PLAYS = ("CANC-016",)


class ByUser(BuildDesk):
    """Knows whose builds it runs, and not which is which."""

    async def cancel(self, job: Job, *, reason: str) -> bool:
        """Cancel all builds of the job's user."""
        user_id = job.reservation.user_id
        for beside in list(self.jobs.values()):
            if beside.reservation.user_id == user_id and beside is not job:
                await super().cancel(beside, reason=reason)
        return await super().cancel(job, reason=reason)


class VariantAssembly(Assembly):
    """One cancel, many cancelled."""

    desk_class = ByUser
