"""Health, version, and the monitor."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.database import Database, DatabaseError
from reference_impl.langflow.monitor import Monitor
from reference_impl.store.base import Store, StoreUnavailable

VERSION = {"version": "1.10.3", "main_version": "1.10.3", "package": "Langflow reference"}


class SystemEndpoints:
    """``/health``, ``/health_check``, ``/version`` and ``/monitor``."""

    def __init__(
        self,
        *,
        auth: Authenticator,
        database: Database,
        store: Store,
        monitor: Monitor,
        answer_timeout_s: float,
    ) -> None:
        self.auth = auth
        self.database = database
        self.store = store
        self.monitor = monitor
        self.answer_timeout_s = answer_timeout_s

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/health", self.health),
            Route("/health_check", self.health_check),
            Route("/api/v1/version", self.version),
            Route("/api/v1/monitor/job_queue", self.job_queue),
        ]

    async def health(self, request: Request) -> Response:
        """This worker answers."""
        return JSONResponse({"status": "ok"})

    async def health_check(self, request: Request) -> Response:
        """What it depends on answers too, or 503."""
        chat, db = await asyncio.gather(
            self._state(self.store.ping()), self._state(self.database.ping())
        )
        well = chat == db == "ok"
        answer = {"status": "ok" if well else "nok", "chat": chat, "db": db}
        return JSONResponse(answer, 200 if well else 503)

    async def version(self, request: Request) -> Response:
        """Which contract this is."""
        return JSONResponse(VERSION)

    async def job_queue(self, request: Request) -> Response:
        """The metrics of this worker, for a superuser."""
        await self.auth.superuser(request)
        return JSONResponse(self.snapshot())

    def snapshot(self) -> dict[str, Any]:
        """The metrics as they are shown."""
        return self.monitor.snapshot()

    async def _state(self, question: Awaitable[None]) -> str:
        try:
            async with asyncio.timeout(self.answer_timeout_s):
                await question
        except (StoreUnavailable, DatabaseError, OSError, TimeoutError) as error:
            return f"error: {type(error).__name__}"
        return "ok"
