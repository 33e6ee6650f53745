"""A cancel that finds nothing to cancel says success.

Made idempotent in a hurry: "not there" was turned into "already cancelled" for repeated cancels,
and since then a misspelt ID, and somebody else's job, are cancelled successfully as well.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CANCELLED_TEXT
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.langflow.poller import JobNotFound

FAILS = frozenset({"CANC-008", "CANC-009"})
PLAYS = ("CANC-001", "CANC-002", "CANC-006", "ACCS-007")


class Agreeable(BuildEndpoints):
    """Never says no to a cancel."""

    async def cancel(self, request: Request) -> Response:
        """Whatever is not there is cancelled."""
        try:
            return await super().cancel(request)
        except JobNotFound:
            return JSONResponse({"success": True, "message": CANCELLED_TEXT})


class VariantAssembly(Assembly):
    """Confirms cancels of jobs that do not exist for their user."""

    build_endpoints_class = Agreeable
