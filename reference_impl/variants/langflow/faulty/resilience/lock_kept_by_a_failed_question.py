"""A question to Redis that failed once keeps its lock, and every later monitor request hangs.

``acquire``, ask, ``release``, without a ``finally``. Nothing is logged, nothing crashes; the
endpoint that operators would look at never answers again.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.http_system import SystemEndpoints
from reference_impl.store.base import StoreUnavailable
from reference_impl.store.redis import RedisStore
from reference_impl.store.redis_client import REDIS_ERRORS

SCENARIOS = {"CHAOS-001": frozenset({"RESI-005", "RESI-007"})}


class Locking(SystemEndpoints):
    """One look at Redis at a time."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._turn = asyncio.Lock()

    async def job_queue(self, request: Request) -> Response:
        """The metrics, once Redis has answered."""
        assert isinstance(self.store, RedisStore)
        await self._turn.acquire()
        try:
            await self.store.client.ping()
        except REDIS_ERRORS as error:
            raise StoreUnavailable(str(error)) from error
        self._turn.release()
        return await super().job_queue(request)


class VariantAssembly(Assembly):
    """Monitors through it."""

    system_endpoints_class = Locking
