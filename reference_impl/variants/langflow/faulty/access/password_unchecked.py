"""Any password opens an existing user's door.

The check answers None for a wrong password and True for a right one, and its caller asks
``is not False``. Logging in works, so nobody tries the other case.
"""

from __future__ import annotations

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.auth import Authenticator
from reference_impl.langflow.database import User

FAILS = frozenset({"ACCS-002"})
PLAYS = ("ACCS-001..009",)


class NameIsEnough(Authenticator):
    """Knows people by their names."""

    async def login(self, username: str, password: str) -> User:
        """The user of that name, if there is one."""
        user = await self.database.user_by_name(username)
        return user or await super().login(username, password)


class VariantAssembly(Assembly):
    """Lets everybody in."""

    auth_class = NameIsEnough
