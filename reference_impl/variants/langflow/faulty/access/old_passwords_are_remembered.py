"""A password that was right once opens for ever: what was verified is kept, to spare the hashing.

Whoever changes a password because it has leaked has changed nothing, on workers that know it.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.database import User

FAILS = frozenset({"ACCS-002"})
PLAYS = ("ACCS-002", "ACCS-011", "ACCS-013")


class Remembering(Authenticator):
    """Knows what fitted."""

    async def login(self, username: str, password: str) -> User:
        """The user with this name and password."""
        known: dict[tuple[str, str], User] = self.__dict__.setdefault("known", {})
        user = await self.database.user_by_name(username)
        if user is not None and (username, password) in known:
            return user
        known[username, password] = await super().login(username, password)
        return known[username, password]


class VariantAssembly(Assembly):
    """Lets in by it."""

    auth_class = Remembering
