"""A job that is run again has lost a part of what it was given.

Seen where a retry is put together anew from what the failed run still knew.
"""

from __future__ import annotations

import json

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-022"})
PLAYS = ("PROM-001", "PROM-006", "PROM-007")


def install() -> None:
    """Forget what it is to compute."""
    retry = JobStore.retry

    async def forgetful(self: JobStore, job_id: str, attempt: int) -> bool:
        row = await self.job(job_id)
        asked = json.dumps({**json.loads(row["asked"]), "answer": ""})
        await self.redis.hset(self.key("job:", job_id), "asked", asked)
        return await retry(self, job_id, attempt)

    JobStore.retry = forgetful  # type: ignore[method-assign]
