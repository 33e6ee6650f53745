"""A result is written beside the job's end, and not again where Redis does not answer.

Seen where a result backend is a client of its own, without retries: the end is told in the end, and
the result is gone.
"""

from __future__ import annotations

import contextlib
from typing import Any

from reference_impl.generic.worker import TROUBLE, Worker, insisting

SCENARIOS = {"CHAOS-211": frozenset({"OUTG-011"})}
#: What is under way outlives the outage.
SETTINGS = {"JOBS_LEASE_S": "6"}


def install() -> None:
    """Write it once, then say so until it is heard."""
    ended = Worker.ended

    async def apart(
        self: Worker, job_id: str, attempt: int, asked: dict[str, Any], error: BaseException | None
    ) -> None:
        if error is not None:
            await ended(self, job_id, attempt, asked, error)
            return
        result = ""
        with contextlib.suppress(*TROUBLE):
            await self.store.redis.ping()
            result = str(asked.get("answer") or "")
        await insisting(lambda: self.store.finish(job_id, attempt, "finished", result=result))

    Worker.ended = apart  # type: ignore[method-assign]
