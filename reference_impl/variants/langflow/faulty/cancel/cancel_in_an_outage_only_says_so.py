"""A cancel that cannot reach Redis is answered with success and forgotten.

"Cancel must never fail": the error is caught, logged, and the button turns grey. The build, on a
worker that never hears of it, goes on.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.canceller import CANCELLED_TEXT
from reference_impl.langflow.http_builds import BuildEndpoints
from reference_impl.store.base import StoreUnavailable

SCENARIOS = {"CHAOS-033": frozenset({"CANC-017"})}


class Soothing(BuildEndpoints):
    """Has never failed to cancel."""

    async def cancel(self, request: Request) -> Response:
        """Cancel, or say so."""
        try:
            return await super().cancel(request)
        except StoreUnavailable:
            return JSONResponse({"success": True, "message": CANCELLED_TEXT})


class VariantAssembly(Assembly):
    """Cancels through it."""

    build_endpoints_class = Soothing
