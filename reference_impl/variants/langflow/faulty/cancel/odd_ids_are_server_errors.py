"""An id that is no UUID is an exception: ``UUID(job_id)`` stands in the handler, unguarded.

Scanners and typing errors fill the log with tracebacks and the pager with alerts.
"""

from __future__ import annotations

import uuid

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-008", "POLL-007", "STRM-010"})
PLAYS = ("CANC-001",)


class StrictBuilds(BuildEndpoints):
    """Believes that ids are UUIDs."""

    async def record(self, request: Request) -> Record:
        """The job asked for."""
        uuid.UUID(request.path_params["job_id"])
        return await super().record(request)


class VariantAssembly(Assembly):
    """Answers through it."""

    build_endpoints_class = StrictBuilds
