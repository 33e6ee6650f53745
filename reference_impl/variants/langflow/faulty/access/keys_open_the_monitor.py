"""The monitor asks whoever comes with a token whether they are a superuser, and no API key.

Seen where keys came later, by a way of their own to the user.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import API_KEY, Authenticator
from reference_impl.langflow.database import User

FAILS = frozenset({"ACCS-003"})
PLAYS = ("ACCS-004",)


class TokenAuthenticator(Authenticator):
    """Checks the privileges of tokens."""

    async def superuser(self, request: Request) -> User:
        """Whoever has a key will do."""
        if request.headers.get(API_KEY):
            return await self.user(request)
        return await super().superuser(request)


class VariantAssembly(Assembly):
    """Lets in by it."""

    auth_class = TokenAuthenticator
