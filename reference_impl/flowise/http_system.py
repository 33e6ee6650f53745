"""Health that tells the truth, and the version."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from reference_impl.flowise.database import Database, DatabaseError
from reference_impl.flowise.service import Service

VERSION = "3.1.0"
DATABASE_WITHIN_S = 1.0


class SystemEndpoints:
    """``/ping`` and ``/version``."""

    def __init__(self, *, database: Database, service: Service) -> None:
        self.database = database
        self.service = service

    def routes(self) -> list[Route]:
        """Where they are."""
        return [Route("/api/v1/ping", self.ping), Route("/api/v1/version", self.version)]

    async def ping(self, request: Request) -> Response:
        """pong, from a server that can do its work."""
        reason = await self.service.problem() or await self._database_problem()
        if reason is not None:
            return JSONResponse({"status": "unhealthy", "reason": reason}, 503)
        return PlainTextResponse("pong")

    async def version(self, request: Request) -> Response:
        """Which contract this is."""
        return JSONResponse({"version": VERSION})

    async def _database_problem(self) -> str | None:
        try:
            async with asyncio.timeout(DATABASE_WITHIN_S):
                await self.database.ping()
        except (DatabaseError, OSError, TimeoutError):
            return "the database does not answer"
        return None
