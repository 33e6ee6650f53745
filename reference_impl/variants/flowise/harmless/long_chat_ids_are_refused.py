"""A chat's id may have 64 characters; a longer one is refused with 400."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.flowise.bodies import json_body
from reference_impl.flowise.http_predictions import PredictionEndpoints

PLAYS = ("PRED-011",)

MOST = 64
_predict = PredictionEndpoints.predict


async def _short(self: PredictionEndpoints, request: Request) -> Response:
    if len(str((await json_body(request)).get("chatId") or "")) > MOST:
        raise HTTPException(400, f"chatId has at most {MOST} characters")
    return await _predict(self, request)


def install() -> None:
    """Refuse."""
    PredictionEndpoints.predict = _short  # type: ignore[method-assign]
