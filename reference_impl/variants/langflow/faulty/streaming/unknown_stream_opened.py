"""A stream for a job that does not exist is opened and stays open, as if the job might come.

The answer's head is sent before anybody has looked the job up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints

FAILS = frozenset({"STRM-010", "TTL-006"})
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class EagerEndpoints(BuildEndpoints):
    """Opens streams first and looks afterwards."""

    async def events(self, request: Request) -> Response:
        """A stream of nothing for nobody's job."""
        polling = request.query_params.get("event_delivery") == "polling"
        if not polling and await self.store.record(request.path_params["job_id"]) is None:
            await self.auth.user(request)
            return StreamingResponse(_nothing(), media_type="application/x-ndjson")
        return await super().events(request)


async def _nothing() -> AsyncIterator[bytes]:
    await asyncio.sleep(30.0)
    yield b""


class VariantAssembly(Assembly):
    """Answers through it."""

    build_endpoints_class = EagerEndpoints
