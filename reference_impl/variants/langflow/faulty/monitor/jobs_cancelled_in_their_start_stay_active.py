"""A build that is cancelled before its first event is counted as active for good.

It is taken out of the count where its stream is closed, and it has none.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk
from reference_impl.langflow.jobs import Job

FAILS = frozenset({"MONI-005"})
PLAYS = ("MONI-005..006",)


class ForgetfulDesk(BuildDesk):
    """Strikes off what has begun."""

    strays = 0

    @property
    def active_jobs(self) -> int:
        """Jobs that are not over, and those that never were."""
        return len(self.jobs) + self.strays

    async def cancel(self, job: Job, *, reason: str) -> bool:
        """End a job as cancelled."""
        record = await self.store.record(job.id)
        done = await super().cancel(job, reason=reason)
        if done and record is not None and record.written == 0:
            self.strays += 1
        return done


class VariantAssembly(Assembly):
    """Runs builds at it."""

    desk_class = ForgetfulDesk
