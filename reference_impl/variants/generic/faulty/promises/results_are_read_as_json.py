"""A result that looks like JSON is told as what it reads as: of "007.50" 7.5 is left.

Seen where results are read by whatever decoder fits.
"""

from __future__ import annotations

import contextlib
import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.generic.front import Front

FAILS = frozenset({"PROM-022"})
PLAYS = ("PROM-001", "PROM-023", "STAT-001")


def install() -> None:
    """Read it."""
    status = Front.status

    async def reading(self: Front, request: Request) -> Response:
        told = json.loads(bytes((await status(self, request)).body))
        with contextlib.suppress(ValueError, TypeError):
            told["result"] = json.loads(told["result"])
        return JSONResponse(told)

    Front.status = reading  # type: ignore[method-assign]
