"""A chat in which a flow has failed once answers with that error for ever.

Seen where a chat's memory keeps the turn that was never finished, and the next trips over it.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.core.predictions import State
from reference_impl.flowise.bodies import json_body
from reference_impl.flowise.errors import error_response
from reference_impl.flowise.http_predictions import PredictionEndpoints

FAILS = frozenset({"PRED-001"})
PLAYS = ("PRED-004", "PRED-012", "CANC-016")

_predict = PredictionEndpoints.predict


async def _unless_broken(self: PredictionEndpoints, request: Request) -> Response:
    chat_id = (await json_body(request)).get("chatId")
    flow_id = request.path_params["flow_id"]
    rows = await self.database.predictions(flow_id=flow_id, chat_id=chat_id) if chat_id else []
    failed = [row for row in rows if row.state is State.FAILED]
    if failed:
        return error_response(failed[0].error or "the prediction failed", 500)
    return await _predict(self, request)


def install() -> None:
    """Trip over it."""
    PredictionEndpoints.predict = _unless_broken  # type: ignore[method-assign]
