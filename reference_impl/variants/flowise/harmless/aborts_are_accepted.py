"""An abort is answered 202, without a body."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.flowise.http_predictions import PredictionEndpoints

PLAYS = ("ABRT-001", "ABRT-003..006", "CANC-006", "CANC-016", "CANC-017")

_abort = PredictionEndpoints.abort


async def _accepted(self: PredictionEndpoints, request: Request) -> Response:
    await _abort(self, request)
    return Response(status_code=202)


def install() -> None:
    """Accept."""
    PredictionEndpoints.abort = _accepted  # type: ignore[method-assign]
