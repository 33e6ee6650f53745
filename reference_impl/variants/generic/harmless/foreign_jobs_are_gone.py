"""Unknown jobs and those of other users are answered with 410, strangers with 403."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from reference_impl.generic.front import Front

PLAYS = ("access", "POLL-007", "STRM-010", "STAT-004", "CANC-008")


def install() -> None:
    """Answer so."""
    user_of, job_of = Front.user_of, Front.job_of

    def forbidding(self: Front, request: Request) -> str:
        try:
            return user_of(self, request)
        except HTTPException:
            raise HTTPException(403, "not for you") from None

    async def gone(self: Front, request: Request) -> tuple[str, dict[str, str]]:
        try:
            return await job_of(self, request)
        except HTTPException as refusal:
            status = 410 if refusal.status_code == 404 else refusal.status_code
            raise HTTPException(status, "gone") from None

    Front.user_of = forbidding  # type: ignore[method-assign]
    Front.job_of = gone  # type: ignore[method-assign]
