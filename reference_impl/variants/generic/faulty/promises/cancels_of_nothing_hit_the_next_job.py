"""A cancel of a job that never existed is kept, and the next job that is submitted is cancelled.

Seen where cancels are marks that wait for their job, and are not looked at closely.
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.generic.front import Front
from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-018"})
PLAYS = ("CANC-002",)
_MARK = "cancelled-next"


def install() -> None:
    """Keep them."""
    cancel, submit = Front.cancel, JobStore.submit

    async def marking(self: Front, request: Request) -> Response:
        try:
            return await cancel(self, request)
        except HTTPException:
            await self.store.redis.set(_MARK, "1")
            raise

    async def marked(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        given = await submit(self, job_id, owner, asked)
        if await self.redis.getdel(_MARK):
            await self.cancel(given)
        return given

    Front.cancel = marking  # type: ignore[method-assign]
    JobStore.submit = marked  # type: ignore[method-assign]
