"""A prediction of more than a hundred kilobytes is refused: the web framework's default limit.

Nobody set it; the first pasted document finds out.
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from reference_impl.flowise import http_predictions
from reference_impl.flowise.bodies import json_body

FAILS = frozenset({"PRED-009"})
PLAYS = ("PRED-005", "PRED-009")
LIMIT_BYTES = 100 * 1024


async def _limited(request: Request) -> dict[str, Any]:
    if len(await request.body()) > LIMIT_BYTES:
        raise HTTPException(413, "request entity too large")
    return await json_body(request)


def install() -> None:
    """Limit bodies."""
    http_predictions.json_body = _limited  # type: ignore[attr-defined]
