"""Login and users."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reference_impl.common.security import hash_password
from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.bodies import form_body, json_body, required_text
from reference_impl.langflow.database import Database, NameTaken, User


class UserEndpoints:
    """``/login``, ``/auto_login`` and ``/users``."""

    def __init__(
        self, *, auth: Authenticator, database: Database, auto_login_as: str | None
    ) -> None:
        self.auth = auth
        self.database = database
        self.auto_login_as = auto_login_as

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/api/v1/login", self.login, methods=["POST"]),
            Route("/api/v1/auto_login", self.auto_login),
            Route("/api/v1/users/", self.create, methods=["POST"]),
            Route("/api/v1/users/", self.every, methods=["GET"]),
            Route("/api/v1/users/whoami", self.whoami),
            Route("/api/v1/users/{user_id}", self.change, methods=["PATCH"]),
            Route("/api/v1/users/{user_id}", self.delete, methods=["DELETE"]),
        ]

    async def login(self, request: Request) -> Response:
        """A token for a name and a password."""
        form = await form_body(request)
        user = await self.auth.login(form.get("username", ""), form.get("password", ""))
        return JSONResponse(self.auth.token_answer(user))

    async def auto_login(self, request: Request) -> Response:
        """A token for whoever asks, if the deployment wants that."""
        if self.auto_login_as is None:
            detail = {"message": "Auto login is disabled.", "auto_login": False}
            return JSONResponse({"detail": detail}, 403)
        user = await self.database.user_by_name(self.auto_login_as)
        if user is None:
            raise HTTPException(503, "The superuser does not exist yet")
        return JSONResponse(self.auth.token_answer(user))

    async def create(self, request: Request) -> Response:
        """A new user, inactive until somebody activates it."""
        await self.auth.superuser(request)
        body = await json_body(request)
        username, password = required_text(body, "username"), required_text(body, "password")
        try:
            user = await self.database.add_user(
                username, hash_password(password), is_active=False, is_superuser=False
            )
        except NameTaken:
            raise HTTPException(400, "This username is unavailable.") from None
        return JSONResponse(shown(user), 201)

    async def every(self, request: Request) -> Response:
        """All users, for a superuser."""
        await self.auth.superuser(request)
        users = [shown(user) for user in await self.database.users()]
        return JSONResponse({"total_count": len(users), "users": users})

    async def whoami(self, request: Request) -> Response:
        """The user asking."""
        return JSONResponse(shown(await self.auth.user(request)))

    async def change(self, request: Request) -> Response:
        """Activate, deactivate, promote, rename, or give a new password."""
        await self.auth.superuser(request)
        user = await self._existing(request)
        changes: dict[str, object] = {}
        for name, value in (await json_body(request)).items():
            if name in {"is_active", "is_superuser"} and isinstance(value, bool):
                changes[name] = value
            elif name == "password" and isinstance(value, str):
                changes[name] = hash_password(value)
        await self.database.change_user(user.id, **changes)
        return JSONResponse(shown(await self._existing(request)))

    async def delete(self, request: Request) -> Response:
        """Remove a user and their flows."""
        asking = await self.auth.superuser(request)
        user = await self._existing(request)
        if user.id == asking.id:
            raise HTTPException(400, "You can't delete your own user account")
        await self.database.delete_user(user.id)
        return JSONResponse({"detail": "User deleted"})

    async def _existing(self, request: Request) -> User:
        user = await self.database.user_by_id(request.path_params["user_id"])
        if user is None:
            raise HTTPException(404, "User not found")
        return user


def shown(user: User) -> dict[str, Any]:
    """A user as clients see them."""
    return {
        "id": user.id,
        "username": user.username,
        "profile_image": None,
        "store_api_key": None,
        "is_active": user.is_active,
        "is_superuser": user.is_superuser,
        "create_at": datetime.fromtimestamp(user.created_s, UTC).isoformat(),
        "updated_at": datetime.fromtimestamp(user.updated_s, UTC).isoformat(),
        "last_login_at": None,
    }
