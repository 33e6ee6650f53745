"""A job of another user is answered 403 and not 404, and an unknown one 410."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from reference_impl.generic.front import Front

PLAYS = (
    "submitting",
    "status",
    "access",
    "CANC-002",
    "CANC-008",
    "POLL-002",
    "POLL-007",
    "STRM-002",
    "STRM-010",
)


def install() -> None:
    """Say which."""

    async def told_apart(self: Front, request: Request) -> tuple[str, dict[str, str]]:
        user, job_id = self.user_of(request), request.path_params["job"]
        row = await self.store.job(job_id)
        if not row:
            raise HTTPException(410, "gone, or never there")
        if row["owner"] != user:
            raise HTTPException(403, "not yours")
        return job_id, row

    Front.job_of = told_apart  # type: ignore[method-assign]
