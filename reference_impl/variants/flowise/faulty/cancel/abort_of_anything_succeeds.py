"""An abort of a chat that never existed is answered with success.

As the real Flowise does.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.flowise.http_predictions import ABORTED, PredictionEndpoints

FAILS = frozenset({"CANC-008"})
PLAYS = (
    "CANC-006",
    "ABRT-001",
)


async def _abort(self: PredictionEndpoints, request: Request) -> Response:
    await self.service.abort(request.path_params["flow_id"], request.path_params["chat_id"])
    return JSONResponse({"status": 200, "message": ABORTED})


def install() -> None:
    """Answer without looking."""
    PredictionEndpoints.abort = _abort  # type: ignore[method-assign]
