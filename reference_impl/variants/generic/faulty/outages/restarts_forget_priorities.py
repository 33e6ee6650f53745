"""When Redis is back, what waits is put into one list: all of it is as urgent.

Seen where a queue is built anew from its jobs, which do not know their priority.
"""

from __future__ import annotations

from reference_impl.generic.store import PRIORITIES, JobStore
from reference_impl.generic.worker import TROUBLE

SCENARIOS = {"CHAOS-231": frozenset({"OUTG-015"})}
#: What is under way outlives the outage.
SETTINGS = {"JOBS_LEASE_S": "6"}


def install() -> None:
    """Build it anew before a job is taken; the oldest is at the lists' ends."""
    claim, promote = JobStore.claim, JobStore.promote
    lost = [False]

    async def noting(self: JobStore) -> None:
        try:
            await promote(self)
        except TROUBLE:
            lost[0] = True
            raise

    async def rebuilding(self: JobStore) -> tuple[str, int] | None:
        to = self.key("waiting:", "high")
        for priority in reversed(PRIORITIES[1:]) if lost[0] else ():
            while await self.redis.lmove(self.key("waiting:", priority), to, "LEFT", "RIGHT"):
                pass
        lost[0] = False
        return await claim(self)

    JobStore.promote, JobStore.claim = noting, rebuilding  # type: ignore[method-assign]
