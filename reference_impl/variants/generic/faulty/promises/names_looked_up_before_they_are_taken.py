"""Whether a unique name is free is looked up first, and the name taken a moment later.

Seen where two commands are sent for what one could do.
"""

from __future__ import annotations

import asyncio
from typing import Any

from reference_impl.generic.store import JobStore

FAILS = frozenset({"PROM-025"})
PLAYS = ("PROM-024", "PROM-026..029")
_MOMENT_S = 0.05
_KEPT_S = 3600


def install() -> None:
    """Look, wait, take."""
    submit = JobStore.submit

    async def in_two_steps(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        name = self.unique_key(owner, asked)
        if not name:
            return await submit(self, job_id, owner, asked)
        if taken := await self.redis.get(name):
            return str(taken)
        await asyncio.sleep(_MOMENT_S)
        await self.redis.set(name, job_id, ex=_KEPT_S)
        given = await submit(self, job_id, owner, {**asked, "unique": None})
        await self.redis.hset(f"job:{job_id}", "unique", name)
        return given

    JobStore.submit = in_two_steps  # type: ignore[method-assign]
