"""A poll for a job that does not exist waits for it, and is answered with an empty success.

A missing stream and a stream without news look the same to a blocking read.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints

FAILS = frozenset({"POLL-007", "TTL-006"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class HopefulEndpoints(BuildEndpoints):
    """A job not found may still come."""

    async def events(self, request: Request) -> Response:
        """Hold a poll for nobody's job as any other."""
        polling = request.query_params.get("event_delivery") == "polling"
        if polling and await self.store.record(request.path_params["job_id"]) is None:
            await self.auth.user(request)
            await asyncio.sleep(self.poller.hold_s)
            return Response(media_type="application/x-ndjson")
        return await super().events(request)


class VariantAssembly(Assembly):
    """Answers through it."""

    build_endpoints_class = HopefulEndpoints
