"""A prediction of a flow that does not exist is a server error: null is looked into."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.flowise.http_predictions import PredictionEndpoints

FAILS = frozenset({"SUBM-003", "PRED-007"})
PLAYS = ("PRED-004",)

_predict = PredictionEndpoints.predict


async def _looking_into_null(self: PredictionEndpoints, request: Request) -> Response:
    try:
        return await _predict(self, request)
    except HTTPException as refusal:
        if refusal.status_code != 404:
            raise
        raise HTTPException(500, "Cannot read properties of null (reading 'flowData')") from None


def install() -> None:
    """Break on them."""
    PredictionEndpoints.predict = _looking_into_null  # type: ignore[method-assign]
