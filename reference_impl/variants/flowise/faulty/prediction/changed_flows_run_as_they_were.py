"""A flow that was changed runs as it was: its first run put it into a pool, and there it stays.

Seen where a pool of loaded flows is looked into first.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.flowise.http_predictions import PredictionEndpoints
from reference_impl.flowise.tables import Flow

FAILS = frozenset({"PRED-001"})
PLAYS = ("PRED-002", "PRED-004", "SUBM-003")

_runnable = PredictionEndpoints._runnable
_pool: dict[str, Flow] = {}


async def _pooled(self: PredictionEndpoints, request: Request) -> Flow:
    flow = await _runnable(self, request)
    return _pool.setdefault(flow.id, flow)


def install() -> None:
    """Look into the pool."""
    PredictionEndpoints._runnable = _pooled  # type: ignore[method-assign]
