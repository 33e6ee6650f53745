"""Whoever knows a job's ID reads its events, by poll and by stream.

The ID was thought to be secret enough. It stands in access logs, in browser histories and in
every screenshot of the developer tools.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import Record

FAILS = frozenset({"ACCS-008", "ACCS-009"})
PLAYS = (
    "ACCS-001..009",
    "CANC-009",
)


class Readable(BuildEndpoints):
    """Takes an ID for a key."""

    async def readable(self, request: Request, user_id: str) -> Record:
        """The job, whoever asks."""
        return await self.record(request)


class VariantAssembly(Assembly):
    """Shows everybody's events to everybody."""

    build_endpoints_class = Readable
