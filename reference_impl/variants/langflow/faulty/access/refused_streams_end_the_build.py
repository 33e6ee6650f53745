"""Another user's stream is refused, and counted as a reader that left: the build is cancelled.

The reader is registered before the question whether he may read; a refusal unregisters him, and
whoever goes last ends the build.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.core.rules import may_read
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import Record

FAILS = frozenset({"ACCS-009"})
PLAYS = ("ACCS-001..010",)


class CountsEverybody(BuildEndpoints):
    """Takes who is refused for who has left."""

    async def readable(self, request: Request, user_id: str) -> Record:
        """The job asked for, if this user may read it."""
        record = await self.record(request)
        polls = request.query_params.get("event_delivery") == "polling"
        if not polls and not may_read(user_id=user_id, owner_id=record.user_id):
            self.canceller.client_left(record)
        return await super().readable(request, user_id)


class VariantAssembly(Assembly):
    """Reads through it."""

    build_endpoints_class = CountsEverybody
