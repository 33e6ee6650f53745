"""A cancel is accepted with any token that was signed here: whether its user still exists is not
asked.

Reading is guarded, and cancels were thought to be harmless.
"""

from __future__ import annotations

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.database import User

FAILS = frozenset({"ACCS-011"})
PLAYS = ("ACCS-011",)


class RememberingAuthenticator(Authenticator):
    """Keeps who was let in."""

    async def user(self, request: Request) -> User:
        """The user, on the way to a cancel also one who was let in before."""
        known: dict[str, User] = self.__dict__.setdefault("known", {})
        header = request.headers.get("authorization", "")
        if request.url.path.endswith("/cancel") and header in known:
            return known[header]
        user = await super().user(request)
        known[header] = user
        return user


class VariantAssembly(Assembly):
    """Lets in by it."""

    auth_class = RememberingAuthenticator
