"""An API key opens when its user is deactivated: whether he may come in is asked of tokens alone.

Keys came later, by a way of their own to the user. Who has left the firm goes on by the key.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import API_KEY, Authenticator
from reference_impl.langflow.database import User

FAILS = frozenset({"ACCS-011"})
PLAYS = ("ACCS-001..006", "ACCS-012")


class WhoeverHasAKey(Authenticator):
    """Finds the user of a key."""

    async def _user_by_key(self, request: Request) -> User:
        user = await self.database.user_by_api_key(request.headers.get(API_KEY, ""))
        return await super()._user_by_key(request) if user is None else user


class VariantAssembly(Assembly):
    """Lets in by it."""

    auth_class = WhoeverHasAKey
