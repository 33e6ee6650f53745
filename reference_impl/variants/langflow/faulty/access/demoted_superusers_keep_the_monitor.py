"""Who was shown the monitor once is shown it for ever: nobody asks again who is a superuser.

Seen where privileges were looked up once a session.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.database import User

FAILS = frozenset({"ACCS-003"})
PLAYS = ("ACCS-004", "ACCS-011")


class RememberingAuthenticator(Authenticator):
    """Knows whom it has let in."""

    async def superuser(self, request: Request) -> User:
        """As long ago as may be."""
        known: set[str] = self.__dict__.setdefault("known", set())
        user = await self.user(request)
        if user.id not in known:
            user = await super().superuser(request)
            known.add(user.id)
        return user


class VariantAssembly(Assembly):
    """Lets in by it."""

    auth_class = RememberingAuthenticator
