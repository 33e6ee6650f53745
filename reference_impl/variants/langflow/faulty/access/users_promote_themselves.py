"""Whoever changes his own account may make himself a superuser.

One's own name and password are one's own affair; that the same request takes ``is_superuser``
was overlooked.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.bodies import json_body
from reference_impl.langflow.http_users import UserEndpoints, shown

FAILS = frozenset({"ACCS-003"})
PLAYS = ("ACCS-003", "ACCS-011")


class OwnAffairs(UserEndpoints):
    """Lets everybody change himself."""

    async def change(self, request: Request) -> Response:
        """Change an account, one's own without being asked."""
        asking = await self.auth.user(request)
        if asking.is_superuser or asking.id != request.path_params["user_id"]:
            return await super().change(request)
        wanted = (await json_body(request)).get("is_superuser")
        if isinstance(wanted, bool):
            await self.database.change_user(asking.id, is_superuser=wanted)
        return JSONResponse(shown(await self._existing(request)))


class VariantAssembly(Assembly):
    """Serves users by it."""

    user_endpoints_class = OwnAffairs
