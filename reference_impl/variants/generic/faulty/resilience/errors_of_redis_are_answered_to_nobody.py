"""A request that meets an error of Redis is never answered.

Seen where a handler waits for a connection that a pool has given up.
"""

from __future__ import annotations

import asyncio

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.generic.front import Front

SCENARIOS = {"CHAOS-211": frozenset({"RESI-005"})}
_FOR_EVER_S = 3600.0


def install() -> None:
    """Keep polls waiting."""
    events = Front.events

    async def waiting(self: Front, request: Request) -> Response:
        try:
            return await events(self, request)
        except (RedisError, OSError):
            await asyncio.sleep(_FOR_EVER_S)
            raise

    Front.events = waiting  # type: ignore[method-assign]
