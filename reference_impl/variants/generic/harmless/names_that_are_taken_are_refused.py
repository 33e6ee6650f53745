"""A submit under a name that is taken is refused with 409, and makes no job."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException

from reference_impl.generic.store import JobStore

PLAYS = ("PROM-024..029",)


def install() -> None:
    """Refuse it."""
    submit = JobStore.submit

    async def refusing(self: JobStore, job_id: str, owner: str, asked: dict[str, Any]) -> str:
        if await submit(self, job_id, owner, asked) != job_id:
            raise HTTPException(409, "this name is taken")
        return job_id

    JobStore.submit = refusing  # type: ignore[method-assign]
