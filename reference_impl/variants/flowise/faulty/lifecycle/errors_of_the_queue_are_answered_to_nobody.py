"""A prediction that the queue does not take is never answered: the error ends in a promise that
nobody waits for.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.flowise.http_predictions import PredictionEndpoints
from reference_impl.flowise.service import QueueUnavailable

FAILS = frozenset({"LIFE-005"})
SCENARIOS = {"CHAOS-107": frozenset({"RESI-001", "RESI-005", "RESI-006"})}
PLAYS = ("PRED-007",)

_predict = PredictionEndpoints.predict


async def _silent(self: PredictionEndpoints, request: Request) -> Response:
    try:
        return await _predict(self, request)
    except QueueUnavailable:
        await asyncio.sleep(3600)
        raise


def install() -> None:
    """Answer nothing."""
    PredictionEndpoints.predict = _silent  # type: ignore[method-assign]
