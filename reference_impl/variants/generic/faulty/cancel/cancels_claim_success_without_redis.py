"""A cancel that cannot be written down is answered as if it had been."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front
from reference_impl.generic.worker import TROUBLE

SCENARIOS = {"CHAOS-226": frozenset({"CANC-017"})}


def install() -> None:
    """Claim it."""
    cancel = Front.cancel

    async def claiming(self: Front, request: Request) -> Response:
        try:
            return await cancel(self, request)
        except TROUBLE:
            return JSONResponse({"cancelled": True})

    Front.cancel = claiming  # type: ignore[method-assign]
