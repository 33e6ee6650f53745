"""Whoever polls from a position, or asks for direct delivery, is not asked whose job it is.

The check stands where the shared position is taken, and these two ways lead past it.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import Record

FAILS = frozenset({"ACCS-008", "ACCS-009"})
PLAYS = ("ACCS-006..007",)


class TwoDoors(BuildEndpoints):
    """Guards one of them."""

    async def readable(self, request: Request, user_id: str) -> Record:
        """The job asked for, if this user may read it, or has found the other door."""
        query = request.query_params
        if "after" in query or query.get("event_delivery") == "direct":
            return await self.record(request)
        return await super().readable(request, user_id)


class VariantAssembly(Assembly):
    """Serves builds by it."""

    build_endpoints_class = TwoDoors
