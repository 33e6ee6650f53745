"""A job that was cancelled twice has failed: the second cancel finds nothing to stop and says so.

Seen where the handler of a cancel marks what it could not reach as broken. Whoever reads the job
before and after sees two different ends.
"""

from __future__ import annotations

import json

from reference_impl.generic.store import JobStore

FAILS = frozenset({"CANC-006"})
PLAYS = ("CANC-007", "CANC-008")


def install() -> None:
    """Put a failure where the cancel stood."""
    cancel = JobStore.cancel

    async def marking(self: JobStore, job_id: str) -> bool:
        if (await self.job(job_id)).get("state") != "cancelled":
            return await cancel(self, job_id)
        events = self.key("events:", job_id)
        [(last, _)] = (await self.events_after(job_id, "0", hold_ms=0))[-1:]
        await self.redis.xdel(events, last)
        failed = {"type": "failed", "error": "nothing was left to cancel"}
        await self.redis.xadd(events, {"event": json.dumps(failed)})
        await self.redis.hset(self.key("job:", job_id), "state", "failed")
        return True

    JobStore.cancel = marking  # type: ignore[method-assign]
