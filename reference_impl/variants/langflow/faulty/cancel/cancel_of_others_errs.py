"""Another user's cancel is answered 500: the question whether he may is a crash.

Nothing is cancelled, and the log fills with stack traces that anybody can write.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import Record

FAILS = frozenset({"CANC-009"})
PLAYS = ("CANC-001", "CANC-008", "ACCS-007", "ACCS-008", "ACCS-009")


class Crashing(BuildEndpoints):
    """Reads a field that only the job's own user has."""

    async def cancellable(self, request: Request, user_id: str) -> Record:
        """The job, if it is the user's own."""
        record = await self.record(request)
        if record.user_id != user_id:
            raise HTTPException(500, "AttributeError: 'NoneType' object has no attribute 'user_id'")
        return record


class VariantAssembly(Assembly):
    """Crashes for strangers."""

    build_endpoints_class = Crashing
