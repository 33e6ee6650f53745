"""An API key that was deleted opens on whichever worker has seen it: whose it is, is remembered.

The user is looked up anew, so that one who was shut out stays out; a key that leaked, and was
taken back, goes on.
"""

from __future__ import annotations

from functools import cached_property

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.database import Database, User, make_engine

FAILS = frozenset({"ACCS-014"})
PLAYS = ("ACCS-011", "ACCS-014")


class RememberingDatabase(Database):
    """Knows the keys that it was shown."""

    async def user_by_api_key(self, key: str) -> User | None:
        """Whose key it is, or was."""
        known: dict[str, str] = self.__dict__.setdefault("known", {})
        if key in known:
            return await self.user_by_id(known[key])
        user = await super().user_by_api_key(key)
        if user is not None:
            known[key] = user.id
        return user


class VariantAssembly(Assembly):
    """Keeps users in it."""

    @cached_property
    def database(self) -> Database:
        """Where users are kept."""
        return RememberingDatabase(make_engine(self.settings))
