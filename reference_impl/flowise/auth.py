"""Who is asking: a session's cookie or an API key."""

from __future__ import annotations

import asyncio
import secrets
import time

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from reference_impl.common.security import (
    InvalidToken,
    Tokens,
    hash_password,
    verify_password,
)
from reference_impl.flowise.database import Database, NameTaken
from reference_impl.flowise.tables import ApiKey, User

COOKIE, REFRESH_COOKIE = "token", "refreshToken"
UNAUTHORIZED = "Unauthorized Access"
WRONG_LOGIN = "Incorrect Email or Password"


class Authenticator:
    """Turns a request into a user, or into a refusal."""

    def __init__(self, *, database: Database, tokens: Tokens) -> None:
        self.database = database
        self.tokens = tokens

    async def user(self, request: Request) -> User:
        """The user of an API request: by API key, or by cookie from the user interface."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and key:
            return await self._user_of_key(key.strip())
        if request.headers.get("x-request-from") != "internal":
            raise HTTPException(401, UNAUTHORIZED)
        return await self.visitor(request)

    async def visitor(self, request: Request) -> User:
        """The user of a page: by cookie alone."""
        try:
            user_id = self.tokens.read(request.cookies.get(COOKIE, ""), now_s=time.time())
        except (InvalidToken, ValueError, KeyError):
            raise HTTPException(401, UNAUTHORIZED) from None
        user = await self.database.user(id=user_id)
        if user is None:
            raise HTTPException(401, UNAUTHORIZED)
        return user

    async def login(self, email: str, password: str) -> User:
        """The user with this address and password."""
        user = await self.database.user(email=email)
        kept = user.password if user else ""
        if user is None or not await asyncio.to_thread(verify_password, password, kept):
            raise HTTPException(401, WRONG_LOGIN)
        return user

    def set_cookies(self, response: Response, user: User) -> None:
        """Open a session."""
        for name, kind in ((COOKIE, "access"), (REFRESH_COOKIE, "refresh")):
            token = self.tokens.make(user.id, kind=kind, now_s=time.time())
            response.set_cookie(name, token, httponly=True, samesite="lax", path="/")

    async def _user_of_key(self, value: str) -> User:
        keys = await self.database.keys(value=value)
        user = await self.database.user(id=keys[0].user_id) if keys else None
        if user is None:
            raise HTTPException(401, UNAUTHORIZED)
        return user


async def ensure_member(database: Database, *, email: str, password: str) -> None:
    """An ordinary member, whom the first registration does not have to wait for."""
    if await database.user(email=email) is None:
        hashed = hash_password(password)
        try:
            await database.add_user(name="member", email=email, password=hashed, is_admin=False)
        except NameTaken:
            return


def new_key(user: User, name: str, permissions: list[str]) -> ApiKey:
    """A key nobody can guess."""
    value = secrets.token_urlsafe(32)
    return ApiKey(secrets.token_hex(16), user.id, name, value, permissions, time.time())
