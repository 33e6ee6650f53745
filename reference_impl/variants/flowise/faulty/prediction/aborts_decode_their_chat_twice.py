"""An abort decodes the chat's name once more than it was encoded: a plus in it is a space.

Seen where a framework had decoded the path already.
"""

from __future__ import annotations

from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.flowise.http_predictions import PredictionEndpoints

FAILS = frozenset({"PRED-011"})
PLAYS = ("abort",)

_abort = PredictionEndpoints.abort


async def _decoded(self: PredictionEndpoints, request: Request) -> Response:
    request.path_params["chat_id"] = unquote_plus(request.path_params["chat_id"])
    return await _abort(self, request)


def install() -> None:
    """Decode it."""
    PredictionEndpoints.abort = _decoded  # type: ignore[method-assign]
