"""A job that failed, and will be run again, is told to have failed until it is.

Seen where the state is that of the last run. Whoever asks in the pause between two runs gives up a
job that is about to succeed.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front
from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-002"})
PLAYS = ("PROM-006", "PROM-007", "STAT-001..004")
_FAILED_ONCE = "failed-once:"


def install() -> None:
    """Tell the last run's state."""
    status, retry = Front.status, JobStore.retry

    async def noted(self: JobStore, job_id: str, attempt: int) -> bool:
        await self.redis.set(self.key(_FAILED_ONCE, job_id), "1", ex=60)
        return await retry(self, job_id, attempt)

    async def hasty(self: Front, request: Request) -> Response:
        told: dict[str, Any] = json.loads(bytes((await status(self, request)).body))
        if told["state"] == "waiting" and await _failed_once(self.store, told["id"]):
            told["state"] = "failed"
        return JSONResponse(told)

    JobStore.retry = noted  # type: ignore[method-assign]
    Front.status = hasty  # type: ignore[method-assign]


async def _failed_once(store: JobStore, job_id: str) -> bool:
    return bool(await store.redis.exists(store.key(_FAILED_ONCE, job_id)))
