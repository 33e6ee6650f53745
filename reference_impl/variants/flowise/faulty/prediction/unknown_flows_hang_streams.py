"""A streamed prediction of a flow that does not exist is never answered.

As in the real Flowise, where an error of a streaming request is answered to nobody.
"""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.flowise.http_predictions import PredictionEndpoints

FAILS = frozenset({"PRED-007"})
PLAYS = ("SUBM-003",)

_predict = PredictionEndpoints.predict


async def _silent(self: PredictionEndpoints, request: Request) -> Response:
    try:
        return await _predict(self, request)
    except HTTPException:
        if (await request.json()).get("streaming"):
            await asyncio.sleep(3600)
        raise


def install() -> None:
    """Answer errors of streaming requests to nobody."""
    PredictionEndpoints.predict = _silent  # type: ignore[method-assign]
