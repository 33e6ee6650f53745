"""What was streamed is no message of the chat afterwards: only answers that were waited for are."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.flowise import http_flows, http_predictions
from reference_impl.flowise.http_predictions import PredictionEndpoints
from reference_impl.flowise.tables import Prediction

FAILS = frozenset({"PRED-003"})
PLAYS = ("PRED-001", "PRED-009")

_streamed: set[str] = set()
_predict = PredictionEndpoints.predict
_messages = http_flows._messages


async def _noting(self: PredictionEndpoints, request: Request) -> Response:
    answer = await _predict(self, request)
    if isinstance(answer, http_predictions._Streaming):
        _streamed.add(answer._ticket.prediction_id)
    return answer


def _kept(row: Prediction) -> list[dict[str, object]]:
    return [] if row.id in _streamed else _messages(row)


def install() -> None:
    """Keep the others."""
    PredictionEndpoints.predict = _noting  # type: ignore[method-assign]
    http_flows._messages = _kept
