"""An abort of a chat in which nothing runs any more stops the chat's next prediction.

A flag is left for whoever runs the prediction. Nobody does, so it waits for the next one: that of a
user who pressed "stop" twice.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.flowise.bodies import json_body
from reference_impl.flowise.http_predictions import PredictionEndpoints

FAILS = frozenset({"CANC-016"})
PLAYS = ("ABRT-001", "ABRT-004", "PRED-001", "CANC-006")

_flagged: set[str] = set()
_abort, _predict = PredictionEndpoints.abort, PredictionEndpoints.predict


async def _flag_too(self: PredictionEndpoints, request: Request) -> Response:
    flow_id, chat_id = request.path_params["flow_id"], request.path_params["chat_id"]
    before = await self.database.predictions(flow_id=flow_id, chat_id=chat_id)
    answer = await _abort(self, request)
    if all(row.state.is_over for row in before):
        _flagged.add(chat_id)
    return answer


async def _unless_flagged(self: PredictionEndpoints, request: Request) -> Response:
    chat_id = (await json_body(request)).get("chatId")
    if chat_id in _flagged:
        _flagged.discard(chat_id)
        return JSONResponse({"statusCode": 500, "success": False, "message": "Aborted"}, 500)
    return await _predict(self, request)


def install() -> None:
    """Leave it until it is met."""
    PredictionEndpoints.abort = _flag_too  # type: ignore[method-assign]
    PredictionEndpoints.predict = _unless_flagged  # type: ignore[method-assign]
