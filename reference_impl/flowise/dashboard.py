"""The queue dashboard at ``/admin/queues``: a page, and the JSON behind it, for the admin only."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from reference_impl.flowise.auth import Authenticator
from reference_impl.flowise.dashboard_page import Listing, queue_page, signin_page
from reference_impl.flowise.queue import STATUSES, PredictionQueue
from reference_impl.flowise.redis_link import REDIS_ERRORS
from reference_impl.flowise.service import QueueUnavailable

LATEST = "latest"
LARGEST_PAGE = 100
PAGE_JOBS = 50
NOT_YOURS = "The dashboard is for the organization's admin"


class DashboardEndpoints:
    """``/admin/queues`` and the login page it sends strangers to."""

    def __init__(self, *, auth: Authenticator, queue: PredictionQueue) -> None:
        self.auth = auth
        self.queue = queue

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/admin/queues", self.page),
            Route("/admin/queues/api/queues", self.api),
            Route("/signin", self.signin),
        ]

    async def page(self, request: Request) -> Response:
        """The page; strangers are sent to log in."""
        try:
            await self.admin(request)
        except HTTPException as refusal:
            if refusal.status_code == 401:
                return RedirectResponse("/signin", 302)
            raise
        return HTMLResponse(queue_page(await self.listing(request, per_page=PAGE_JOBS)))

    async def api(self, request: Request) -> Response:
        """The same as JSON, in bull-board's shape."""
        await self.admin(request)
        listing = await self.listing(request, per_page=10)
        shown = {"name": listing.queue, "counts": listing.counts, "isPaused": listing.is_paused}
        return JSONResponse({"queues": [{**shown, "jobs": listing.jobs, "type": "bullmq"}]})

    async def signin(self, request: Request) -> Response:
        """A form that opens a session."""
        return HTMLResponse(signin_page())

    async def admin(self, request: Request) -> None:
        """Refuse everybody but the admin."""
        by_key = request.headers.get("authorization") is not None
        user = await (self.auth.user(request) if by_key else self.auth.visitor(request))
        if not user.is_admin:
            raise HTTPException(403, NOT_YOURS)

    async def listing(self, request: Request, *, per_page: int) -> Listing:
        """What was asked for, read from the queue."""
        asked = request.query_params
        status = asked.get("status", LATEST)
        if status not in {LATEST, *STATUSES}:
            raise HTTPException(400, f"status must be one of {', '.join((LATEST, *STATUSES))}")
        page = _number(asked.get("page"), 1, largest=1_000_000)
        count = _number(asked.get("jobsPerPage"), per_page, largest=LARGEST_PAGE)
        statuses = list(STATUSES) if status == LATEST else [status]
        try:
            counts = await self.queue.counts()
            jobs = await self.queue.jobs(statuses, start=(page - 1) * count, count=count)
            is_paused = await self.queue.is_paused()
        except REDIS_ERRORS as error:
            raise QueueUnavailable from error
        return Listing(
            queue=self.queue.settings.prediction_queue,
            status=status,
            page=page,
            counts=counts,
            is_paused=is_paused,
            jobs=[_shown(found, job) for found, job in jobs],
        )


def _number(given: str | None, default: int, *, largest: int) -> int:
    if given is None:
        return default
    if not given.isdecimal() or not 1 <= int(given) <= largest:
        raise HTTPException(400, f"page and jobsPerPage must be numbers from 1 to {largest}")
    return int(given)


def _shown(status: str, job: Any) -> dict[str, Any]:
    # The signature proves the secret key to workers and is nobody else's business.
    data = {key: value for key, value in (job.data or {}).items() if key != "signature"}
    return {
        "id": job.id,
        "name": job.name,
        "status": status,
        "data": data,
        "returnValue": job.returnvalue,
        "failedReason": job.failedReason,
        "timestamp": job.timestamp,
        "processedOn": job.processedOn or None,
        "finishedOn": job.finishedOn or None,
        "attempts": job.attemptsMade,
        "isFailed": status == "failed",
    }
