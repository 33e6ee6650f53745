"""Who a token belongs to is looked up once a minute: a user who was shut out goes on until then.

A dictionary in front of the database, a worker each; deactivating somebody takes effect here and
there at different times.
"""

from __future__ import annotations

import time

from starlette.requests import Request

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.database import User

FAILS = frozenset({"ACCS-011"})
PLAYS = ("ACCS-004",)
KNOWN_S = 60.0


class RememberingAuthenticator(Authenticator):
    """Knows whom it has seen."""

    async def user(self, request: Request) -> User:
        """The user whose token it is, or was."""
        known: dict[str, tuple[float, User]] = self.__dict__.setdefault("known", {})
        token = request.headers.get("authorization", "")
        seen_s, user = known.get(token, (0.0, None))
        if user is None or time.monotonic() - seen_s > KNOWN_S:
            user = await super().user(request)
            known[token] = (time.monotonic(), user)
        return user


class VariantAssembly(Assembly):
    """Lets in through it."""

    auth_class = RememberingAuthenticator
