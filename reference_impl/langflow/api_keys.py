"""API keys: made and removed by their users, and sent as ``x-api-key`` in a token's place.

A key is shown once, when it is made; what is kept is its hash and how it begins.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.bodies import json_body
from reference_impl.langflow.database import Database

MASK = "********"


class ApiKeyEndpoints:
    """``/api_key``."""

    def __init__(self, *, auth: Authenticator, database: Database) -> None:
        self.auth = auth
        self.database = database

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/api/v1/api_key/", self.every, methods=["GET"]),
            Route("/api/v1/api_key/", self.create, methods=["POST"]),
            Route("/api/v1/api_key/{key_id}", self.delete, methods=["DELETE"]),
        ]

    async def every(self, request: Request) -> Response:
        """The user's keys, masked."""
        user = await self.auth.user(request)
        rows = await self.database.api_keys(user_id=user.id)
        keys = [shown(row, f"{row['begins']}{MASK}") for row in rows]
        return JSONResponse({"total_count": len(keys), "user_id": user.id, "api_keys": keys})

    async def create(self, request: Request) -> Response:
        """A new key, told this once."""
        user = await self.auth.user(request)
        name = (await json_body(request)).get("name")
        if name is not None and not isinstance(name, str):
            raise HTTPException(422, "name must be text")
        key = f"sk-{secrets.token_urlsafe(32)}"
        row = await self.database.add_api_key(key, name=name, user_id=user.id)
        return JSONResponse(shown(row, key))

    async def delete(self, request: Request) -> Response:
        """Remove a key of one's own."""
        user = await self.auth.user(request)
        if not await self.database.delete_api_key(request.path_params["key_id"], user_id=user.id):
            raise HTTPException(400, "API Key not found")
        return JSONResponse({"detail": "API Key deleted"})


def shown(row: dict[str, Any], key: str) -> dict[str, Any]:
    """A key as clients see it."""
    return {
        "id": row["id"],
        "name": row["name"],
        "api_key": key,
        "user_id": row["user_id"],
        "is_active": True,
        "total_uses": 0,
        "last_used_at": None,
        "created_at": datetime.fromtimestamp(row["created_s"], UTC).isoformat(),
    }
