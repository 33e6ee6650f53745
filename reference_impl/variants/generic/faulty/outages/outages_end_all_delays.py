"""When Redis was away, whatever was delayed is due at once.

Seen where timers are set up anew, and none knows how long it has to wait.
"""

from __future__ import annotations

from reference_impl.generic.store import JobStore
from reference_impl.generic.worker import TROUBLE

SCENARIOS = {"CHAOS-220": frozenset({"OUTG-009"})}


def install() -> None:
    """Make all of it due after the first trouble."""
    promote, lost = JobStore.promote, list[Exception]()

    async def hasty(self: JobStore) -> None:
        try:
            if lost:
                for job_id in await self.redis.zrange("delayed", 0, -1):
                    await self.redis.zadd("delayed", {str(job_id): 0}, xx=True)
                lost.clear()
            await promote(self)
        except TROUBLE as error:
            lost.append(error)
            raise

    JobStore.promote = hasty  # type: ignore[method-assign]
