"""Who is asking."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import suppress

from starlette.exceptions import HTTPException
from starlette.requests import Request

from reference_impl.common.security import (
    InvalidToken,
    Tokens,
    hash_password,
    verify_password,
)
from reference_impl.langflow.database import Database, NameTaken, User

API_KEY = "x-api-key"
COOKIE = "access_token_lf"
NO_CREDENTIALS = "No authentication credentials provided"
NOBODYS_PASSWORD = hash_password(secrets.token_hex())
NOT_ENOUGH = "The user doesn't have enough privileges"


class Authenticator:
    """Turns a request's token or API key into a user, or into a refusal.

    A token comes as ``Authorization: Bearer`` or, where that header is another's, as the cookie of
    the web client; without any, a key counts that came as ``x-api-key``.
    """

    def __init__(self, *, database: Database, tokens: Tokens) -> None:
        self.database = database
        self.tokens = tokens

    async def user(self, request: Request) -> User:
        """The active user whose token or key came with the request."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            token = request.cookies.get(COOKIE, "")
        if not token:
            return await self._user_by_key(request)
        try:
            user_id = self.tokens.read(token.strip(), now_s=time.time())
        except (InvalidToken, ValueError, KeyError):
            raise HTTPException(401, "Invalid token") from None
        user = await self.database.user_by_id(user_id)
        if user is None or not user.is_active:
            raise HTTPException(401, "User not found or is inactive")
        return user

    async def _user_by_key(self, request: Request) -> User:
        key = request.query_params.get(API_KEY) or request.headers.get(API_KEY)
        if not key:
            raise HTTPException(403, NO_CREDENTIALS)
        user = await self.database.user_by_api_key(key)
        if user is None:
            raise HTTPException(403, "Invalid or missing API key")
        if not user.is_active:
            raise HTTPException(401, "User not found or is inactive")
        return user

    async def superuser(self, request: Request) -> User:
        """The same, for those who may administrate."""
        user = await self.user(request)
        if not user.is_superuser:
            raise HTTPException(403, NOT_ENOUGH)
        return user

    async def login(self, username: str, password: str) -> User:
        """The user with this name and password."""
        user = await self.database.user_by_name(username)
        kept = user.password if user else NOBODYS_PASSWORD
        # An unknown name costs a hash as well: how long a refusal takes tells no names.
        fits = await asyncio.to_thread(verify_password, password, kept)
        if user is None or not fits:
            raise HTTPException(401, "Incorrect username or password")
        if not user.is_active:
            raise HTTPException(400, "Inactive user")
        return user

    def token_answer(self, user: User) -> dict[str, str]:
        """What a successful login answers."""
        now_s = time.time()
        return {
            "access_token": self.tokens.make(user.id, kind="access", now_s=now_s),
            "refresh_token": self.tokens.make(user.id, kind="refresh", now_s=now_s),
            "token_type": "bearer",
        }


async def ensure_superuser(database: Database, *, username: str, password: str) -> None:
    """Create the superuser, or make the existing user of that name one, with this password.

    Of replicas that start together on an empty database one creates it, and the others find it.
    """
    user = await database.user_by_name(username)
    if user is None:
        hashed = hash_password(password)
        with suppress(NameTaken):
            await database.add_user(username, hashed, is_active=True, is_superuser=True)
            return
        user = await database.user_by_name(username)
        assert user is not None
    changes: dict[str, object] = {}
    if not verify_password(password, user.password):
        changes["password"] = hash_password(password)
    if not (user.is_active and user.is_superuser):
        changes.update(is_active=True, is_superuser=True)
    if changes:
        await database.change_user(user.id, **changes)
