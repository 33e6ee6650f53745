"""Registration, login, and keys to the API."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reference_impl.common.security import hash_password
from reference_impl.flowise.auth import COOKIE, REFRESH_COOKIE, Authenticator, new_key
from reference_impl.flowise.bodies import json_body, required_text
from reference_impl.flowise.database import Database, NameTaken
from reference_impl.flowise.tables import ApiKey, User

TAKEN = "You can only have one account"


class AccountEndpoints:
    """``/account``, ``/auth`` and ``/apikey``."""

    def __init__(self, *, auth: Authenticator, database: Database, member: str | None) -> None:
        self.auth = auth
        self.database = database
        self.member = member

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/api/v1/account/register", self.register, methods=["POST"]),
            Route("/api/v1/auth/login", self.login, methods=["POST"]),
            Route("/api/v1/account/logout", self.logout, methods=["POST"]),
            Route("/api/v1/apikey", self.create_key, methods=["POST"]),
            Route("/api/v1/apikey", self.list_keys),
        ]

    async def register(self, request: Request) -> Response:
        """The organization's admin, who registers once."""
        asked = (await json_body(request)).get("user")
        if not isinstance(asked, dict):
            raise HTTPException(412, "user is required")
        email, password = required_text(asked, "email"), required_text(asked, "credential")
        if await self.database.users_count() > (await self._members()):
            raise HTTPException(400, TAKEN)
        try:
            user = await self.database.add_user(
                name=str(asked.get("name") or email),
                email=email,
                password=hash_password(password),
                is_admin=True,
            )
        except NameTaken:
            raise HTTPException(400, TAKEN) from None
        return JSONResponse({"user": _shown_user(user)}, 201)

    async def login(self, request: Request) -> Response:
        """A session for an address and a password."""
        body = await json_body(request)
        email, password = required_text(body, "email"), required_text(body, "password")
        user = await self.auth.login(email, password)
        response = JSONResponse(_shown_user(user))
        self.auth.set_cookies(response, user)
        return response

    async def logout(self, request: Request) -> Response:
        """The end of a session, as far as the browser knows."""
        response = JSONResponse({"message": "logged out"})
        for name in (COOKIE, REFRESH_COOKIE):
            response.delete_cookie(name, path="/")
        return response

    async def create_key(self, request: Request) -> Response:
        """A new key, and the ones there were."""
        user = await self.auth.user(request)
        body = await json_body(request)
        permissions = body.get("permissions")
        granted = permissions if isinstance(permissions, list) else []
        key = new_key(user, required_text(body, "keyName"), [str(item) for item in granted])
        await self.database.add_key(key)
        return await self._keys_of(user)

    async def list_keys(self, request: Request) -> Response:
        """The user's keys."""
        return await self._keys_of(await self.auth.user(request))

    async def _keys_of(self, user: User) -> Response:
        return JSONResponse([_shown_key(k) for k in await self.database.keys(user_id=user.id)])

    async def _members(self) -> int:
        """How many users came by setting and not by registration."""
        if self.member is None:
            return 0
        return 0 if await self.database.user(email=self.member) is None else 1


def _shown_user(user: User) -> dict[str, Any]:
    role = {"isOrganizationAdmin": user.is_admin}
    return {"id": user.id, "email": user.email, "name": user.name, **role}


def _shown_key(key: ApiKey) -> dict[str, Any]:
    shown = {"id": key.id, "keyName": key.name, "apiKey": key.value}
    return {**shown, "permissions": key.permissions}
