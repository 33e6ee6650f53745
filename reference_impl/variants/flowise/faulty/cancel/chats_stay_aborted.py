"""A chat that was aborted once stays so: the flag outlives its prediction, and ends the next."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.flowise.bodies import json_body
from reference_impl.flowise.http_predictions import PredictionEndpoints

FAILS = frozenset({"CANC-016"})
PLAYS = ("ABRT-003", "CANC-006")

_aborted: set[str] = set()
_abort, _predict = PredictionEndpoints.abort, PredictionEndpoints.predict


async def _flagged(self: PredictionEndpoints, request: Request) -> Response:
    answer = await _abort(self, request)
    _aborted.add(request.path_params["chat_id"])
    return answer


async def _unless_flagged(self: PredictionEndpoints, request: Request) -> Response:
    chat_id = (await json_body(request)).get("chatId")
    if chat_id in _aborted:
        return JSONResponse({"statusCode": 500, "success": False, "message": "Aborted"}, 500)
    return await _predict(self, request)


def install() -> None:
    """Never take the flag down."""
    PredictionEndpoints.abort = _flagged  # type: ignore[method-assign]
    PredictionEndpoints.predict = _unless_flagged  # type: ignore[method-assign]
