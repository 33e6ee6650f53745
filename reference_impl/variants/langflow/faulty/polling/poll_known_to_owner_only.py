"""Only the worker that runs a build can be polled for it ("Job not found" on all the others).

The oldest complaint about several workers behind one address: the queue is a dictionary.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.langflow.poller import JobNotFound

FAILS = frozenset(
    {
        *("POLL-001", "POLL-003", "POLL-005", "POLL-008", "POLL-010", "POLL-011", "POLL-012"),
        *("GRACE-008", "TTL-008"),
    }
)
PLAYS = (
    "POLL-001..012",
    "STRM-001..015",
)


class LocalEndpoints(BuildEndpoints):
    """Polls are answered from the worker's own jobs."""

    async def events(self, request: Request) -> Response:
        """Another worker's job is unknown here."""
        if request.query_params.get("event_delivery") == "polling":
            record = await self.record(request)
            if record.worker_id != self.desk.worker_id:
                raise JobNotFound(record.job_id)
        return await super().events(request)


class VariantAssembly(Assembly):
    """Polls through it."""

    build_endpoints_class = LocalEndpoints
