"""Another user's poll is refused, and has taken the events: the owner's next poll gets the rest.

Who asks is looked at in what was fetched, and fetching moves the cursor.
"""

from __future__ import annotations

import uuid

from starlette.requests import Request

from reference_impl.core.rules import may_read
from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import CursorBusy, Record

FAILS = frozenset({"ACCS-008"})
PLAYS = ("ACCS-001..010",)


class FetchesFirst(BuildEndpoints):
    """Looks afterwards."""

    async def readable(self, request: Request, user_id: str) -> Record:
        """The job asked for, if this user may read it."""
        record = await self.record(request)
        polls = request.query_params.get("event_delivery") == "polling"
        if polls and not may_read(user_id=user_id, owner_id=record.user_id):
            token = uuid.uuid4().hex
            try:
                await self.store.take(record.job_id, token=token)
                await self.store.confirm(record.job_id, token=token)
            except CursorBusy:
                pass
        return await super().readable(request, user_id)


class VariantAssembly(Assembly):
    """Reads through it."""

    build_endpoints_class = FetchesFirst
