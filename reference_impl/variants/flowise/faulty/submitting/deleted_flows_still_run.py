"""A flow that was deleted is still run for whoever knows its id.

Seen where a pool of loaded flows is looked into when the database has none.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

from reference_impl.flowise.http_predictions import PredictionEndpoints
from reference_impl.flowise.tables import Flow

FAILS = frozenset({"SUBM-003"})
PLAYS = ("PRED-001", "PRED-007")

_runnable = PredictionEndpoints._runnable
_pool: dict[str, Flow] = {}


async def _pooled(self: PredictionEndpoints, request: Request) -> Flow:
    try:
        flow = await _runnable(self, request)
    except HTTPException:
        if (known := _pool.get(request.path_params["flow_id"])) is None:
            raise
        return known
    _pool[flow.id] = flow
    return flow


def install() -> None:
    """Look into the pool."""
    PredictionEndpoints._runnable = _pooled  # type: ignore[method-assign]
